import 'dart:convert';
import 'dart:typed_data';

/// What a function is called with.
class CloudRequest {
  /// A request; every field has a default, so that a unit test names only what
  /// it is about.
  CloudRequest({
    this.method = 'POST',
    this.path = '/',
    this.headers = const {},
    this.query = const {},
    this.body,
    this.raw = const {},
    this.invocationId,
  });

  /// Reads decoded request.json. A field that is missing gets its default.
  ///
  /// Throws a [FormatException] when [json] is no request.
  factory CloudRequest.fromJson(Object? json, {String? invocationId}) {
    if (json is! Map<String, dynamic>) {
      throw const FormatException('request.json holds no JSON object');
    }
    return CloudRequest(
      method: _text(json, 'method', 'POST'),
      path: _text(json, 'path', '/'),
      headers: _texts(json, 'headers'),
      query: _texts(json, 'query'),
      body: json['body'],
      raw: json,
      invocationId: invocationId,
    );
  }

  /// The HTTP method, in upper case.
  final String method;

  /// The path after the function's name; starts with `/`.
  final String path;

  /// Header values by name, the names in lower case.
  final Map<String, String> headers;

  /// Query values by name; of a name that is given twice, the last value.
  final Map<String, String> query;

  /// The decoded body if it is JSON, a string if it is text, a base64 string if
  /// it is neither (see [bodyBytes]), null if there is none.
  final dynamic body;

  /// The whole of request.json, with what this class has no field for.
  final Map<String, dynamic> raw;

  /// The id of this invocation, as its record and its log have it.
  final String? invocationId;

  /// Every value of every query name.
  Map<String, List<String>> get queryAll {
    final all = raw['queryAll'];
    if (all is! Map) {
      return query.map((name, value) => MapEntry(name, [value]));
    }
    return all.map(
      (name, values) => MapEntry('$name', [
        for (final value in values is List ? values : [values]) '$value',
      ]),
    );
  }

  /// The body as bytes: those that were sent if it was neither JSON nor text or
  /// came to a webhook, else its text, or its JSON, in UTF-8.
  Uint8List get bodyBytes {
    final sent = raw['rawBody'];
    if (sent is String) return base64Decode(sent);
    final body = this.body;
    if (body == null) return Uint8List(0);
    if (body is! String) return utf8.encode(jsonEncode(body));
    if (raw['isBase64Encoded'] == true) return base64Decode(body);
    return utf8.encode(body);
  }
}

String _text(Map<String, dynamic> json, String field, String otherwise) {
  final value = json[field] ?? otherwise;
  if (value is String) return value;
  throw FormatException('"$field" of request.json is no string');
}

Map<String, String> _texts(Map<String, dynamic> json, String field) {
  final value = json[field];
  if (value == null) return {};
  if (value is! Map<String, dynamic>) {
    throw FormatException('"$field" of request.json is no object');
  }
  return value.map((name, value) => MapEntry(name, '$value'));
}
