import 'dart:async';
import 'dart:convert';
import 'dart:io';
import 'dart:isolate';

import 'package:dart_cloud_logger/dart_cloud_logger.dart';

import 'answer.dart';
import 'cloud_dart_function.dart';
import 'cloud_request.dart';
import 'cloud_response.dart';
import 'doorbell.dart';
import 'env_file.dart';
import 'event_loop.dart';
import 'exchange.dart';
import 'invocation_scope.dart';
import 'ring_pipe.dart';

/// Serves the invocations of one sandbox; the generated main.dart calls it.
///
/// With a doorbell in the working directory it serves whenever that rings, till
/// it closes. Without one it serves the request that lies there, and ends: with
/// exit code 0, or 1 when the function threw.
///
/// In a sandbox that was started without it, [relay] is the loader's port, by
/// which the first invocation comes: a socket's code takes longer to compile
/// than that may last. Then it connects to the doorbell by itself.
Future<void> run(CloudDartFunction Function() create, [Object? relay]) async {
  final runner = _Runner(create, Exchange());
  if (relay is SendPort) return _serveRelayed(runner, relay);
  if (!Doorbell.exists) {
    // Holds too if the function waits for what never comes.
    exitCode = 1;
    exit(await runner.serve(null) ? 0 : 1);
  }
  return _serveAll(runner, RingPipe.open(), runner.warmUp());
}

/// Serves what the loader relays, and after the first also what comes by the
/// function's own doorbell.
Future<void> _serveRelayed(_Runner runner, SendPort relay) async {
  final pipe = RingPipe.open();
  final first = Completer<void>();
  final rings = ReceivePort();
  var last = Future<void>.value();
  rings.listen((invocation) {
    last = last.then((_) async {
      await runner.serve(invocation as String);
      relay.send(invocation);
      if (!first.isCompleted) first.complete();
    });
  });
  relay.send(rings.sendPort);
  await first.future;
  await _serveAll(runner, pipe, Future.value());
}

/// Serves a ring of the doorbell, and after it those of the pipe, until the
/// runtime sees that no more come soon.
Future<void> _serveAll(
  _Runner runner,
  RingPipe? pipe,
  Future<void> prepared,
) async {
  final doorbell = await Doorbell.connect();
  final events = EventLoop();
  var last = prepared.then((_) => doorbell.sendReady());

  Future<void> answer(String first) async {
    for (String? next = first; next != null; next = pipe?.wait()) {
      await runner.serve(next);
      doorbell.sendDone(next, waits: pipe != null);
      // What a call left running goes on before the next one.
      await events.turn();
    }
  }

  doorbell.listen(
    onFrame: (frame) {
      if (frame case {'type': 'ring', 'invocation': final String invocation}) {
        last = last.then((_) => answer(invocation));
      }
    },
    onClosed: () => exit(0),
  );
}

final class _Runner {
  _Runner(this._create, this._exchange);

  final CloudDartFunction Function() _create;
  final Exchange _exchange;

  /// Serves the request that lies there; says whether the function answered.
  Future<bool> serve(String? invocation) => _serve(
        invocation,
        (logger) => callHandle(
          _create(),
          CloudRequest.fromJson(
            _exchange.readRequest(),
            invocationId: invocation,
          ),
          _exchange.readEnv(),
          logger,
        ),
      );

  Future<bool> _serve(
    String? invocation,
    Future<CloudResponse> Function(CloudDartFunctionLogger logger) answer,
  ) async {
    final scope = InvocationScope(_exchange.startLog(invocation));
    final isAnswered = await scope.run(() async {
      try {
        final response = await answer(scope.logger);
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

  /// Has the code of an invocation compiled before the first one comes; the
  /// runtime lays no request down until it hears that this is ready.
  Future<void> warmUp() async {
    await _serve('', (logger) async {
      parseEnvFile('A=b\nC="d"\n');
      logger.info('', metadata: {'a': 1});
      print('');
      final json = _exchange.decodeRequest(utf8.encode(_sampleRequest));
      final request = CloudRequest.fromJson(json, invocationId: '');
      return CloudResponse.json({'a': request.body});
    });
    _exchange.clear();
  }
}

const _sampleRequest =
    '{"method":"POST","headers":{"a":"b"},"query":{},"body":{"a":[1,null]}}';
