import 'dart:convert';
import 'dart:ffi';

const _unixFamily = 1;
const _streamType = 1;
const _noSignal = 0x4000;
const _maxPathBytes = 107;
const _bufferBytes = 1024;

/// A second connection to the doorbell, for what is said after each call.
///
/// It is made and written by system calls of its own: the VM watches its own
/// sockets for room to write, so that each answer that the runtime reads from
/// one wakes a thread of the VM's, and that this isolate.
final class AnswerLine {
  AnswerLine._(this._socket, this._buffer, this._send);

  /// Connects to the doorbell at [path]; null where that cannot be.
  static AnswerLine? connect(String path) {
    final name = utf8.encode(path);
    if (name.length > _maxPathBytes) return null;
    try {
      return _connect(DynamicLibrary.process(), name);
    } on ArgumentError {
      return null; // A C library that hides what it has.
    }
  }

  static AnswerLine? _connect(DynamicLibrary library, List<int> name) {
    final buffer = library
        .lookupFunction<Pointer<Uint8> Function(Size),
            Pointer<Uint8> Function(int)>('malloc')
        .call(_bufferBytes);
    final socket = library.lookupFunction<Int Function(Int, Int, Int),
        int Function(int, int, int)>('socket')(_unixFamily, _streamType, 0);
    if (socket < 0) return null;
    final address = buffer.asTypedList(_bufferBytes);
    buffer.cast<Uint16>().value = _unixFamily;
    address.setAll(2, [...name, 0]);
    final failed = library.lookupFunction<
            Int Function(Int, Pointer<Uint8>, Uint32),
            int Function(int, Pointer<Uint8>, int)>('connect')(
        socket, buffer, 2 + name.length + 1);
    if (failed != 0) return null;
    return AnswerLine._(
      socket,
      buffer,
      library.lookupFunction<IntPtr Function(Int, Pointer<Uint8>, Size, Int),
          int Function(int, Pointer<Uint8>, int, int)>('send', isLeaf: true),
    );
  }

  final int _socket;
  final Pointer<Uint8> _buffer;
  final int Function(int, Pointer<Uint8>, int, int) _send;
  late final _bytes = _buffer.asTypedList(_bufferBytes);

  /// Sends [frame] whole; says whether it did.
  bool send(List<int> frame) {
    if (frame.length > _bufferBytes) return false;
    _bytes.setAll(0, frame);
    return _send(_socket, _buffer, frame.length, _noSignal) == frame.length;
  }
}
