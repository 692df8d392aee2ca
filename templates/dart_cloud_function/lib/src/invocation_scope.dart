import 'dart:async';
import 'dart:io';

import 'package:dart_cloud_logger/dart_cloud_logger.dart';

import 'captured_output.dart';
import 'log_file.dart';

/// Where one invocation's code runs: whatever it prints, writes to stdout and
/// stderr, logs, or throws with nobody to catch it goes to its own log.
///
/// The zone in which code runs decides whose it is. So a line of a timer that
/// an earlier invocation left behind goes to that one's log, which is closed,
/// and a logger in a static field logs for whoever uses it.
final class InvocationScope {
  /// A scope that logs to [_log].
  InvocationScope(this._log);

  final LogFile _log;
  late final _stdout = LineBuffer((line) => log('info', line));
  late final _stderr = LineBuffer((line) => log('error', line));

  /// The logger of this invocation.
  late final logger =
      CloudDartFunctionLogger((line) => (_current ?? this)._log.add(line));

  /// Runs [body] in this scope. It may fail only by what its future holds: an
  /// error would not get out of the scope's zone, so [body] must catch all.
  Future<Result> run<Result>(Future<Result> Function() body) =>
      _errorZone.fork(zoneValues: {_scopeKey: this}).run(body);

  /// Adds a line to the log.
  void log(String level, Object? message) =>
      _log.add(CloudLogLine(level, message));

  /// Writes out the lines that have no end yet, and closes the log.
  void close() {
    _stdout.flush();
    _stderr.flush();
    _log.close();
  }
}

final _scopeKey = Object();

InvocationScope? get _current => _scopeOf(Zone.current);

InvocationScope? _scopeOf(Zone zone) => zone[_scopeKey] as InvocationScope?;

/// One for all invocations: a future with an error that one of them left in a
/// static field must reach the next one that awaits it, and errors do not pass
/// from one error zone into another.
final Zone _errorZone = IOOverrides.runWithIOOverrides(
  () => Zone.current.fork(
    specification: ZoneSpecification(
      print: (self, parent, zone, line) => _scopeOf(zone)?.log('info', line),
      handleUncaughtError: (self, parent, zone, error, stack) {
        final why = CloudLogLine.textOf(error);
        _scopeOf(zone)?.log('error', 'Uncaught error: $why\n$stack');
      },
    ),
  ),
  _Capture(),
);

final class _Capture extends IOOverrides {
  late final _out = CapturedOutput(() => _current?._stdout);
  late final _err = CapturedOutput(() => _current?._stderr);

  @override
  Stdout get stdout => _current == null ? super.stdout : _out;

  @override
  Stdout get stderr => _current == null ? super.stderr : _err;
}
