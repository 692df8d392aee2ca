import 'dart:async';
import 'dart:io';

import 'package:dart_cloud_logger/dart_cloud_logger.dart';

import 'answer.dart';
import 'call_handle.dart';
import 'cloud_request.dart';
import 'doorbell.dart';
import 'exchange.dart';
import 'invocation_scope.dart';
import 'practice.dart';
import 'rings.dart';
import 'sample.dart';

/// What takes a function over in a sandbox that was started without it.
typedef Adopt = void Function(Object Function() create);

/// Serves the invocations of one sandbox; the generated main.dart calls it.
///
/// With a doorbell in the working directory it serves whenever that rings, till
/// it closes. Without one it serves the request that lies there, and ends: with
/// exit code 0, or 1 when the function threw.
///
/// In a sandbox that was started without it, [adopt] takes it over.
Future<void> run(Object Function() create, [Object? adopt]) async {
  if (adopt is Adopt) return adopt(create);
  final runner = Runner(create, Exchange());
  if (!Doorbell.exists) {
    // Holds too if the function waits for what never comes.
    exitCode = 1;
    exit(await runner.serve(null) ? 0 : 1);
  }
  // The code of an invocation is compiled while the connection comes about.
  final prepared =
      practise((exchange) async => Runner(Sample.new, exchange), rounds: 1);
  final doorbell = await Doorbell.connect();
  final rings = Rings(runner, doorbell);
  doorbell.listen(
    onFrame: (frame) {
      if (frame case {'type': 'ring', 'invocation': final String invocation}) {
        rings.answer(invocation);
      }
    },
    onClosed: () => exit(0),
  );
  await prepared;
  rings.start(doorbell.sendReady);
}

/// Calls one function, for one invocation after another.
final class Runner {
  Runner(this._create, this._exchange);

  final Object Function() _create;
  final Exchange _exchange;

  /// Serves the request that lies there; says whether the function answered.
  Future<bool> serve(String? invocation) async {
    final scope = InvocationScope(_exchange.startLog(invocation));
    final isAnswered = await scope.run(() async {
      try {
        final response = await callHandle(
          _create(),
          CloudRequest.fromJson(
            _exchange.readRequest(),
            invocationId: invocation,
          ),
          _exchange.readEnv(),
          scope.logger,
        );
        _exchange.writeResult(encodeResponse(response, invocation));
        return true;
      } catch (error, stack) {
        _fail(scope, invocation, CloudLogLine.textOf(error), stack);
        return false;
      }
    });
    scope.close();
    return isAnswered;
  }

  void _fail(
    InvocationScope scope,
    String? invocation,
    String why,
    StackTrace stack,
  ) {
    scope.log('error', 'Function execution failed: $why\n$stack');
    try {
      _exchange.rewriteResult(encodeFailure(why, invocation));
    } on FileSystemException catch (error) {
      // No room for an answer, so none for a log line. The runtime finds no
      // result, and quotes the standard error of the process.
      Zone.root.run(() => stderr.writeln('Cannot write result.json: $error'));
    }
  }
}
