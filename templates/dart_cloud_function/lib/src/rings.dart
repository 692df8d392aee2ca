import 'doorbell.dart';
import 'event_loop.dart';
import 'ring_pipe.dart';
import 'runner.dart';

/// Answers rings, one after the other: those of the doorbell, and after each
/// one those of the pipe, until the runtime sees that no more come soon.
final class Rings {
  /// With the pipe in the working directory, if there is one.
  Rings(this._runner, this._doorbell);

  final Runner _runner;
  final Doorbell _doorbell;
  final _pipe = RingPipe.open();
  final _events = EventLoop();
  var _last = Future<void>.value();

  /// Answers a ring of the doorbell when those before have their answers.
  void answer(String invocation) =>
      _last = _last.then((_) => _answer(invocation));

  Future<void> _answer(String first) async {
    for (String? next = first; next != null; next = _pipe?.wait()) {
      await _runner.serve(next);
      _doorbell.sendDone(next, waits: _pipe != null);
      // What a call left running goes on before the next one.
      await _events.turn();
    }
  }
}
