import 'dart:convert';
import 'dart:io';
import 'dart:typed_data';

const _name = 'ring';
const _maxRingBytes = 1024;

/// The pipe beside the doorbell, for a function that has nothing else to do
/// than wait for the next ring.
///
/// It is waited for by one system call of the isolate's own thread. By the
/// doorbell, a ring wakes a thread of the VM's first, and that the isolate's.
final class RingPipe {
  RingPipe._(this._file);

  /// The pipe in the working directory; null where the runtime made none.
  static RingPipe? open() {
    try {
      return RingPipe._(File(_name).openSync());
    } on FileSystemException {
      return null;
    }
  }

  final RandomAccessFile _file;
  final _buffer = Uint8List(_maxRingBytes);

  /// Stops the isolate until the runtime rings, and returns the invocation;
  /// null when it sends the isolate back to its other work, or has ended.
  String? wait() {
    final count = _file.readIntoSync(_buffer);
    return count < 2 ? null : utf8.decode(_buffer.sublist(0, count - 1));
  }
}
