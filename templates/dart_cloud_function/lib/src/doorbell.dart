import 'dart:convert';
import 'dart:io';
import 'dart:typed_data';

import 'answer_line.dart';

const _name = 'doorbell';
const _protocol = 1;
const _maxFrameBytes = 64 * 1024;
const _saidBeforeAnswerLine = 5;

/// The function's end of the doorbell: a Unix socket in the exchange directory.
///
/// Frames are JSON objects, one a line. A frame of a type that is not known, or
/// that is no frame at all, is ignored.
final class Doorbell {
  Doorbell._(this._socket) {
    _socket.writeEventsEnabled = false;
  }

  /// Whether there is one in the working directory.
  static bool get exists =>
      FileSystemEntity.typeSync(_name) != FileSystemEntityType.notFound;

  /// Connects by the relative path, as a socket's path has 107 bytes at most.
  static Future<Doorbell> connect() async {
    final address = InternetAddress(_name, type: InternetAddressType.unix);
    return Doorbell._(await RawSocket.connect(address, 0));
  }

  /// From anywhere: a function may change its working directory.
  final _path = File(_name).absolute.path;
  final RawSocket _socket;
  AnswerLine? _answers;
  var _said = 0;
  final _input = BytesBuilder();
  Uint8List _unsent = Uint8List(0);

  /// Says that everything that can be prepared is prepared, and whether the
  /// first ring is waited for at the pipe.
  void sendReady({bool waits = false}) =>
      _say('"ready","protocol":$_protocol', waits: waits);

  /// Says that the function was loaded, and whether the first ring is waited
  /// for at the pipe.
  void sendLoaded({required bool waits}) => _say('"loaded"', waits: waits);

  /// Says that the files hold the answer to [invocation], and whether the next
  /// ring is waited for at the pipe. It goes [by] that, if it is given.
  void sendDone(
    String invocation, {
    bool waits = false,
    void Function(List<int> frame)? by,
  }) {
    final what = '"done","invocation":${jsonEncode(invocation)}';
    by == null ? _say(what, waits: waits) : by(_frame(what, waits: waits));
  }

  void _say(String what, {required bool waits}) {
    final frame = _frame(what, waits: waits);
    final line = waits ? _answers : null;
    if (line == null || !line.send(frame)) _send(frame);
    // Pays where more calls come, and takes none of the first ones' time.
    if (waits && ++_said == _saidBeforeAnswerLine) connectAnswers();
  }

  /// Makes the second connection, for answers; once.
  void connectAnswers() => _answers ??= AnswerLine.connect(_path);

  /// Calls [onFrame] with what comes, [onClosed] at the end.
  void listen({
    required void Function(Map<String, dynamic> frame) onFrame,
    required void Function() onClosed,
  }) {
    _socket.listen(
      (event) {
        switch (event) {
          case RawSocketEvent.read:
            final bytes = _socket.read();
            if (bytes != null) _take(bytes, onFrame);
          case RawSocketEvent.write:
            _flush();
          default:
            onClosed();
        }
      },
      onError: (Object _) => onClosed(),
      onDone: onClosed,
    );
  }

  void _take(
    Uint8List bytes,
    void Function(Map<String, dynamic> frame) onFrame,
  ) {
    var start = 0;
    for (var i = 0; i < bytes.length; i++) {
      if (bytes[i] != 0x0A) continue;
      _input.add(Uint8List.sublistView(bytes, start, i));
      final frame = _decode(_input.takeBytes());
      if (frame != null) onFrame(frame);
      start = i + 1;
    }
    _input.add(Uint8List.sublistView(bytes, start));
    if (_input.length > _maxFrameBytes) _input.clear();
  }

  void _send(Uint8List bytes) {
    _unsent = _unsent.isEmpty ? bytes : Uint8List.fromList(_unsent + bytes);
    _flush();
  }

  void _flush() {
    final count = _socket.write(_unsent);
    _unsent = Uint8List.sublistView(_unsent, count);
    if (_unsent.isNotEmpty) _socket.writeEventsEnabled = true;
  }
}

Uint8List _frame(String what, {required bool waits}) =>
    utf8.encode('{"type":$what${waits ? ',"waits":true' : ''}}\n');

Map<String, dynamic>? _decode(Uint8List bytes) {
  try {
    final json = jsonDecode(utf8.decode(bytes));
    return json is Map<String, dynamic> ? json : null;
  } on FormatException {
    return null;
  }
}
