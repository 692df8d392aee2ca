import 'dart:convert';

import 'package:dart_cloud_function/dart_cloud_function.dart';

import '../../dart_cloud_logger/test/harness.dart';

CloudRequest _read(String json) => CloudRequest.fromJson(jsonDecode(json));

void main() {
  test('a request has the defaults of the spec', () {
    for (final request in [
      CloudRequest(),
      _read('{}'),
      _read('{"method":null,"path":null,"headers":null,"query":null}'),
    ]) {
      expectEqual(request.method, 'POST');
      expectEqual(request.path, '/');
      expectEqual(request.headers, {});
      expectEqual(request.query, {});
      expectEqual(request.body, null);
    }
  });

  test('fromJson() reads every field and keeps the whole', () {
    final request = _read('{"method":"PUT","path":"/a","headers":{"h":"1"},'
        '"query":{"q":"2"},"body":[3],"extra":4}');
    expectEqual(request.method, 'PUT');
    expectEqual(request.path, '/a');
    expectEqual(request.headers, {'h': '1'});
    expectEqual(request.query, {'q': '2'});
    expectEqual(request.body, [3]);
    expectEqual(request.raw['extra'], 4);
  });

  test('fromJson() refuses what is no request', () {
    for (final json in [
      'null',
      '[]',
      '"text"',
      '{"method":1}',
      '{"path":[]}',
      '{"headers":[]}',
      '{"query":"a=b"}',
    ]) {
      expectThrows<FormatException>(() => _read(json));
    }
  });

  test('queryAll has every value, or else those of query', () {
    expectEqual(
        _read('{"query":{"a":"2"},"queryAll":{"a":["1","2"]}}').queryAll, {
      'a': ['1', '2'],
    });
    expectEqual(CloudRequest(query: {'a': '2'}).queryAll, {
      'a': ['2'],
    });
  });

  test('bodyBytes has the bytes of any body', () {
    for (final (json, bytes) in [
      ('{}', <int>[]),
      ('{"body":"aé"}', [0x61, 0xC3, 0xA9]),
      ('{"body":{"a":1}}', utf8.encode('{"a":1}')),
      ('{"body":"AP8=","isBase64Encoded":true}', [0x00, 0xFF]),
      ('{"body":"AP8="}', utf8.encode('AP8=')),
      ('{"body":{"a":1},"rawBody":"eyAiYSI6IDEgfQ=="}', utf8.encode('{ "a": 1 }')),
    ]) {
      expectEqual(_read(json).bodyBytes, bytes);
    }
  });

  runTests();
}
