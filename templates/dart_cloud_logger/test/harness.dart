/// A test harness in a page: one line a test, exit code 1 when one failed.
import 'dart:async';
import 'dart:convert';
import 'dart:io';

final _tests = <(String, FutureOr<void> Function())>[];

/// Adds a test; [runTests] runs it.
void test(String name, FutureOr<void> Function() body) =>
    _tests.add((name, body));

/// Runs every test in turn.
Future<void> runTests() async {
  for (final (name, body) in _tests) {
    try {
      await body();
      stdout.writeln('ok $name');
    } catch (error, stack) {
      exitCode = 1;
      final why = '$error\n$stack'.trimRight().replaceAll('\n', ' | ');
      stdout.writeln('not ok $name: $why');
    }
  }
}

/// Compares as JSON, which is what these packages write.
void expectEqual(Object? actual, Object? expected) {
  final left = jsonEncode(actual);
  final right = jsonEncode(expected);
  if (left != right) throw StateError('got $left, expected $right');
}

/// Wants [body] to throw a [Thrown], and returns it.
Thrown expectThrows<Thrown>(void Function() body) {
  try {
    body();
  } catch (error) {
    if (error is Thrown) return error as Thrown;
    rethrow;
  }
  throw StateError('nothing was thrown');
}
