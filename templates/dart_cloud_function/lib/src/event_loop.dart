import 'dart:async';
import 'dart:isolate';

/// Lets what waits in the isolate's queue have its turn.
///
/// A timer would do too, but each one wakes a thread of the VM's.
final class EventLoop {
  EventLoop() {
    _port.handler = (_) => _turned.complete();
  }

  final _port = RawReceivePort();
  var _turned = Completer<void>.sync();

  /// Completes when all that was in the queue before has been handled.
  Future<void> turn() {
    _turned = Completer.sync();
    _port.sendPort.send(null);
    return _turned.future;
  }
}
