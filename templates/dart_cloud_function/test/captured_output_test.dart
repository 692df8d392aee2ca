import 'dart:convert';

import 'package:dart_cloud_function/src/captured_output.dart';

import '../../dart_cloud_logger/test/harness.dart';

List<String> _capture(void Function(CapturedOutput output) body) {
  final lines = <String>[];
  final buffer = LineBuffer(lines.add);
  body(CapturedOutput(() => buffer));
  buffer.flush();
  return lines;
}

void main() {
  test('every way of writing makes lines', () {
    expectEqual(
      _capture((output) => output
        ..writeln('a')
        ..write('b')
        ..write(1)
        ..writeln()
        ..writeAll(['c', 'd'], '-')
        ..writeCharCode(10)
        ..add(utf8.encode('e\nf\n'))
        ..writeln(null)
        ..addError('g')
        ..write('h')),
      ['a', 'b1', 'c-d', 'e', 'f', 'null', 'g', 'h'],
    );
  });

  test('a character may come in pieces', () {
    final bytes = utf8.encode('🎯\n');
    expectEqual(
      _capture((output) => output
        ..add(bytes.sublist(0, 2))
        ..add(bytes.sublist(2))),
      ['🎯'],
    );
  });

  test('bytes that are no text do no harm', () {
    expectEqual(_capture((output) => output.add([0xFF, 10])), ['\uFFFD']);
  });

  test('a line without end is cut into several', () {
    final lines = _capture((output) {
      for (var i = 0; i < 100; i++) {
        output.write('x' * 2048);
      }
    });
    expectEqual(lines.join().length, 100 * 2048);
    expectEqual(lines.length > 1, true);
  });

  test('a sink works as a sink', () async {
    final lines = <String>[];
    final buffer = LineBuffer(lines.add);
    final output = CapturedOutput(() => buffer);
    await output.addStream(Stream.value(utf8.encode('a\n')));
    await output.flush();
    await output.close();
    await output.done;
    expectEqual(lines, ['a']);
    expectEqual(output.hasTerminal, false);
  });

  test('without an invocation nothing is kept', () {
    CapturedOutput(() => null).writeln('lost');
  });

  runTests();
}
