import 'dart:convert';
import 'dart:typed_data';

import 'cloud_response.dart';

final _encoder = JsonUtf8Encoder();

/// What goes into result.json for [response] to [invocation].
///
/// Throws when its body cannot be encoded as JSON.
List<int> encodeResponse(CloudResponse response, [String? invocation]) {
  final body = response.body;
  return _encoder.convert({
    if (invocation != null) 'invocation': invocation,
    'statusCode': response.statusCode,
    'headers': {
      for (final MapEntry(:key, :value) in response.headers.entries)
        if (value != null) key: _headerValue(value),
    },
    if (body is TypedData) ...{
      'body': base64Encode(
        body.buffer.asUint8List(body.offsetInBytes, body.lengthInBytes),
      ),
      'isBase64Encoded': true,
    } else
      'body': body,
    if (body is String && isJsonResponse(response)) 'encoding': 'json',
  });
}

/// What goes into result.json when there is no response, and why. The stack
/// is for the log alone.
List<int> encodeFailure(String why, [String? invocation]) =>
    _encoder.convert({
      if (invocation != null) 'invocation': invocation,
      'statusCode': 500,
      'headers': {'content-type': 'application/json'},
      'body': {'error': 'Function execution failed: $why'},
    });

Object _headerValue(Object value) => switch (value) {
      Iterable() => [for (final element in value) '$element'],
      _ => '$value',
    };
