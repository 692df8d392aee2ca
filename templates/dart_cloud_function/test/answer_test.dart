import 'dart:convert';
import 'dart:typed_data';

import 'package:dart_cloud_function/dart_cloud_function.dart';
import 'package:dart_cloud_function/src/answer.dart';

import '../../dart_cloud_logger/test/harness.dart';

Object? _encode(CloudResponse response) =>
    jsonDecode(utf8.decode(encodeResponse(response)));

class _Point {
  Map<String, Object> toJson() => {'x': 1};
}

class _Opaque {}

void main() {
  test('a response has the defaults of its constructor', () {
    expectEqual(_encode(CloudResponse()),
        {'statusCode': 200, 'headers': {}, 'body': null});
  });

  test('json() and text() set the content type', () {
    expectEqual(_encode(CloudResponse.json({'a': 1}, statusCode: 201)), {
      'statusCode': 201,
      'headers': {'content-type': 'application/json'},
      'body': {'a': 1},
    });
    expectEqual(_encode(CloudResponse.text('hi', statusCode: 202)), {
      'statusCode': 202,
      'headers': {'content-type': 'text/plain; charset=utf-8'},
      'body': 'hi',
    });
  });

  test('json() and text() keep a content type that is given', () {
    final given = <String, String>{'Content-Type': 'text/csv', 'x': 'y'};
    expectEqual(CloudResponse.text('a,b', headers: given).headers, given);
    expectEqual(CloudResponse.json([], headers: given).headers, given);
  });

  test('a header is a string or a list of strings', () {
    final response = CloudResponse(headers: {
      'string': 'a',
      'list': ['b', 'c'],
      'number': 1,
      'numbers': [2, 3],
      'nothing': null,
    });
    expectEqual((_encode(response) as Map)['headers'], {
      'string': 'a',
      'list': ['b', 'c'],
      'number': '1',
      'numbers': ['2', '3'],
    });
  });

  test('a string of json() is marked, other bodies are not', () {
    for (final (response, encoding) in [
      (CloudResponse.json('a'), 'json'),
      (CloudResponse.json({'a': 1}), null),
      (CloudResponse.text('a'), null),
      (CloudResponse(body: 'a'), null),
    ]) {
      expectEqual((_encode(response) as Map)['encoding'], encoding);
    }
  });

  test('bytes go out as base64, and only those that are in view', () {
    final bytes = Uint8List.fromList([1, 0, 255, 2]);
    for (final (body, base64) in [
      (bytes, 'AQD/Ag=='),
      (Uint8List.sublistView(bytes, 1, 3), 'AP8='),
      (ByteData.sublistView(bytes, 1, 3), 'AP8='),
      (Uint16List.fromList([1]), 'AQA='),
    ]) {
      final json = _encode(CloudResponse(body: body)) as Map;
      expectEqual(json['body'], base64);
      expectEqual(json['isBase64Encoded'], true);
    }
  });

  test('objects with a toJson() are encoded, others refused', () {
    expectEqual((_encode(CloudResponse.json(_Point())) as Map)['body'],
        {'x': 1});
    for (final body in [_Opaque(), double.nan, DateTime(2024)]) {
      expectThrows<JsonUnsupportedObjectError>(
          () => _encode(CloudResponse.json({'a': body})));
    }
  });

  test('encodeFailure() has the shape of the spec', () {
    expectEqual(jsonDecode(utf8.decode(encodeFailure('Bad state: x'))), {
      'statusCode': 500,
      'headers': {'content-type': 'application/json'},
      'body': {'error': 'Function execution failed: Bad state: x'},
    });
  });

  runTests();
}
