import 'dart:io';
import 'dart:isolate';

import 'doorbell.dart';

/// Waits for the one function that this sandbox is going to serve, and runs it
/// in an isolate of its own, with the exchange directory as working directory.
///
/// With an argument it does nothing: that is the throw-away isolate, by which
/// the machinery of isolates is warm before a function comes.
Future<void> load(List<String> arguments) async {
  if (arguments.isNotEmpty) return;
  await _runToEnd(Platform.script, const ['warm-up']);
  final doorbell = await Doorbell.connect();
  SendPort? function;
  final relay = ReceivePort()
    ..listen((message) {
      if (message is SendPort) {
        function = message;
        doorbell.sendLoaded();
      } else {
        doorbell.sendDone(message as String);
      }
    });
  doorbell.listen(
    onFrame: (frame) {
      switch (frame) {
        case {
            'type': 'load',
            'program': final String program,
            'directory': final String directory,
          }:
          Directory.current = directory;
          _runFunction(Uri.file(program), relay.sendPort);
        case {'type': 'ring', 'invocation': final String invocation}:
          function?.send(invocation);
      }
    },
    onClosed: () => exit(0),
  );
  doorbell.sendReady();
}

Future<void> _runToEnd(Uri program, List<String> arguments) async {
  final ended = ReceivePort();
  await Isolate.spawnUri(program, arguments, null, onExit: ended.sendPort);
  await ended.first;
}

/// Ends the process as the function's own would end.
Future<void> _runFunction(Uri program, SendPort relay) async {
  final errors = ReceivePort();
  final ended = ReceivePort();
  errors.listen((error) {
    final [why, stack] = error as List;
    stderr.writeln('Unhandled exception:\n$why\n$stack');
    exit(255);
  });
  ended.listen((_) => exit(0));
  try {
    await Isolate.spawnUri(
      program,
      const [],
      relay,
      onError: errors.sendPort,
      onExit: ended.sendPort,
    );
  } on IsolateSpawnException catch (error) {
    stderr.writeln('Cannot load the function: $error');
    exit(254);
  }
}
