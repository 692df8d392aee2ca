import 'package:dart_cloud_logger/dart_cloud_logger.dart';

import 'harness.dart';

class _Silent {
  @override
  String toString() => throw StateError('no text');
}

List<CloudLogLine> _collect(void Function(CloudDartFunctionLogger) body) {
  final lines = <CloudLogLine>[];
  body(CloudDartFunctionLogger.collect(lines));
  return lines;
}

void main() {
  test('every method logs at its level', () {
    final lines = _collect((logger) => logger
      ..info('a')
      ..error('b')
      ..debug('c')
      ..printLog('d'));
    expectEqual([for (final line in lines) '$line'],
        ['[info] a', '[error] b', '[debug] c', '[info] d']);
  });

  test('every method takes metadata', () {
    final lines = _collect((logger) => logger
      ..info('a', metadata: {'n': 1})
      ..error('b', metadata: {'n': 2})
      ..debug('c', metadata: {'n': 3})
      ..printLog('d', metadata: {'n': 4}));
    expectEqual([for (final line in lines) line.metadata?['n']], [1, 2, 3, 4]);
  });

  test('a message may be any object', () {
    final lines = _collect((logger) => logger
      ..info(null)
      ..info(42)
      ..info({'a': 1})
      ..info(_Silent()));
    expectEqual([
      for (final line in lines) line.message
    ], [
      'null',
      '42',
      '{a: 1}',
      '(an object whose toString() throws)',
    ]);
  });

  test('a sink gets each line at once', () {
    CloudLogLine? last;
    final logger = CloudDartFunctionLogger((line) => last = line);
    logger.debug('now');
    expectEqual(last?.message, 'now');
  });

  test('toJson() has the shape of logs.json', () {
    final line = CloudLogLine('info', 'hi', metadata: {'n': 1});
    final json = line.toJson();
    expectEqual(json.keys.toList(),
        ['level', 'message', 'timestamp', 'metadata']);
    final timestamp = json['timestamp'] as String;
    expectEqual(timestamp.endsWith('Z'), true);
    expectEqual(DateTime.parse(timestamp).isUtc, true);
  });

  test('toJson() leaves out metadata that is not there', () {
    expectEqual(CloudLogLine('info', 'hi').toJson().containsKey('metadata'),
        false);
  });

  runTests();
}
