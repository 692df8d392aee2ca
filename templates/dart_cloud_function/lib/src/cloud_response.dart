/// What a function answers.
class CloudResponse {
  /// An answer.
  ///
  /// A header's value is a string, or a list of strings for a header that goes
  /// out several times. [body] is anything that can be encoded as JSON
  /// (objects with a `toJson()` too), or typed data such as a `Uint8List`,
  /// whose bytes go out as they are.
  const CloudResponse({
    this.statusCode = 200,
    this.headers = const {},
    this.body,
  }) : _isJson = false;

  const CloudResponse._json(this.statusCode, this.headers, this.body)
      : _isJson = true;

  /// An answer in JSON; a string goes out in quotes.
  static CloudResponse json(
    dynamic body, {
    int statusCode = 200,
    Map<String, dynamic> headers = const {},
  }) =>
      CloudResponse._json(
          statusCode, _typed(headers, 'application/json'), body);

  /// An answer in plain text.
  static CloudResponse text(
    String body, {
    int statusCode = 200,
    Map<String, dynamic> headers = const {},
  }) =>
      CloudResponse(
        statusCode: statusCode,
        headers: _typed(headers, 'text/plain; charset=utf-8'),
        body: body,
      );

  /// The HTTP status.
  final int statusCode;

  /// Header values by name.
  final Map<String, dynamic> headers;

  /// The body, not yet encoded.
  final dynamic body;

  final bool _isJson;
}

/// Whether [CloudResponse.json] made it.
bool isJsonResponse(CloudResponse response) => response._isJson;

Map<String, dynamic> _typed(Map<String, dynamic> headers, String type) => {
      if (!headers.keys.any((name) => name.toLowerCase() == 'content-type'))
        'content-type': type,
      ...headers,
    };
