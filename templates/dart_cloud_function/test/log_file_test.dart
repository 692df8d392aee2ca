import 'dart:convert';
import 'dart:io';

import 'package:dart_cloud_function/src/log_file.dart';
import 'package:dart_cloud_logger/dart_cloud_logger.dart';

import '../../dart_cloud_logger/test/harness.dart';

class _Opaque {
  @override
  String toString() => 'opaque';
}

class _Silent {
  @override
  String toString() => throw StateError('no text');
}

/// Gives [body] a new file; logs.json of an earlier invocation lies in it.
void _withFile(
  void Function(RandomAccessFile open, String Function() read) body,
) {
  final folder = Directory.systemTemp.createTempSync('log_file_test');
  final file = File('${folder.path}/logs.json')
    ..writeAsStringSync('{"logs":["${'x' * 100}"]}');
  final open = file.openSync(mode: FileMode.writeOnlyAppend);
  try {
    body(open, file.readAsStringSync);
  } finally {
    open.closeSync();
    folder.deleteSync(recursive: true);
  }
}

List<Map<String, dynamic>> _lines(String text) =>
    ((jsonDecode(text) as Map)['logs'] as List).cast();

void main() {
  test('a log starts with its first line, and is valid after every one', () {
    _withFile((open, read) {
      final before = read();
      final log = LogFile(open, 'a "name"');
      expectEqual(read(), before);
      for (var i = 0; i < 3; i++) {
        log.add(CloudLogLine('info', 'line $i'));
        expectEqual([for (final line in _lines(read())) line['message']],
            [for (var j = 0; j <= i; j++) 'line $j']);
        expectEqual((jsonDecode(read()) as Map)['invocation'], 'a "name"');
      }
    });
  });

  test('close() drops what comes later', () {
    _withFile((open, read) {
      final before = read();
      LogFile(open)
        ..close()
        ..add(CloudLogLine('info', 'late'));
      expectEqual(read(), before);
      final log = LogFile(open)..add(CloudLogLine('info', 'in time'));
      log
        ..close()
        ..add(CloudLogLine('info', 'late'));
      expectEqual(_lines(read()).single['message'], 'in time');
    });
  });

  test('any text survives', () {
    const text = 'a"b\\c\nd\u0000é🎯\u2028';
    _withFile((open, read) {
      LogFile(open).add(CloudLogLine('info', text));
      expectEqual(_lines(read()).single['message'], text);
    });
  });

  test('a message is cut at 64 KiB, between two characters', () {
    for (final text in ['x', 'é', '€', '🎯', 'x🎯', 'xx🎯']) {
      for (final times in [16384, 21846, 32768, 65536, 65537, 200000]) {
        _withFile((open, read) {
          final whole = text * times;
          LogFile(open).add(CloudLogLine('info', whole));
          final message = _lines(read()).single['message'] as String;
          final length = utf8.encode(whole).length;
          if (length <= maxMessageBytes) {
            if (message != whole) throw StateError('$text * $times was cut');
            return;
          }
          final kept = utf8.encode(message).length;
          if (kept > maxMessageBytes || kept < maxMessageBytes - 10) {
            throw StateError('$text * $times left $kept bytes');
          }
          final head = message.substring(0, message.length - 1);
          if (!message.endsWith('…') || !whole.startsWith(head)) {
            throw StateError('$text * $times ends badly');
          }
        });
      }
    }
  });

  test('a log ends at 1 MB, and says so once', () {
    _withFile((open, read) {
      final log = LogFile(open);
      for (var i = 0; i < 3000; i++) {
        log.add(CloudLogLine('info', 'x' * 1000));
      }
      final text = read();
      final lines = _lines(text);
      expectEqual(text.length <= maxLogBytes, true);
      expectEqual(text.length > maxLogBytes - 2000, true);
      expectEqual(lines.last['level'], 'error');
      expectEqual(lines.last['message'], 'Log truncated at 1 MB');
      expectEqual(
          lines.where((line) => line['level'] == 'error').length, 1);
    });
  });

  test('metadata that is not JSON is logged as text', () {
    final cyclic = <String, Object?>{};
    cyclic['self'] = cyclic;
    _withFile((open, read) {
      LogFile(open).add(CloudLogLine('info', 'm', metadata: {
        'number': 1,
        'map': {'a': null},
        'opaque': _Opaque(),
        'nan': double.nan,
        'silent': _Silent(),
        'cyclic': cyclic,
      }));
      expectEqual(_lines(read()).single['metadata'], {
        'number': 1,
        'map': {'a': null},
        'opaque': 'opaque',
        'nan': 'NaN',
        'silent': '(an object whose toString() throws)',
        'cyclic': '{self: {...}}',
      });
    });
  });

  test('a file that cannot be written loses lines, and throws nothing', () {
    final full = File('/dev/full').openSync(mode: FileMode.writeOnlyAppend);
    LogFile(full)
      ..add(CloudLogLine('info', 'a'))
      ..add(CloudLogLine('info', 'b'));
    full.closeSync();
  });

  runTests();
}
