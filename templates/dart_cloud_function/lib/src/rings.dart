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

  /// Says by [sayReady] that the first ring may come, and whether it is waited
  /// for at the pipe: nothing else can be to do before it.
  Future<void> start(void Function({required bool waits}) sayReady) async {
    await _events.turn();
    sayReady(waits: _pipe != null);
    _last = _answer(_pipe?.wait());
  }

  /// Answers a ring of the doorbell when those before have their answers.
  void answer(String invocation) =>
      _last = _last.then((_) => _answer(Ring(invocation)));

  Future<void> _answer(Ring? first) async {
    for (Ring? ring = first; ring != null; ring = _pipe?.wait()) {
      await _runner.serve(ring.invocation);
      _doorbell.sendDone(
        ring.invocation,
        waits: _pipe != null,
        by: ring.isWatched ? _pipe?.answer : null,
      );
      // What a call left running goes on before the next one.
      await _events.turn();
    }
  }
}
