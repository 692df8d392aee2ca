import 'dart:convert';
import 'dart:io';
import 'dart:typed_data';

import 'package:dart_cloud_logger/dart_cloud_logger.dart';

/// At most so many bytes of a message are kept.
const maxMessageBytes = 64 * 1024;

/// At most so many bytes of an invocation's logs.json are written.
const maxLogBytes = 1024 * 1024;

/// Kept free for the line that says that the log was cut.
const _markBytes = 256;

const _cut = '…';

/// logs.json of one invocation: valid and complete after every single line, so
/// that the log of a function that is killed says what it did last.
final class LogFile {
  /// Starts the log of [_invocation] in [_file], with its first line: the file
  /// stays as it is, empty, while there is none.
  LogFile(this._file, [this._invocation]);

  final RandomAccessFile _file;
  final String? _invocation;

  /// Where the closing `]}` stands; 0 before the first line.
  int _end = 0;
  bool _isClosed = false;

  /// Adds a line, by one write. Never throws; a line that cannot be written, or
  /// comes after [close], is dropped.
  void add(CloudLogLine line) {
    if (_isClosed) return;
    final bytes = _encode(line);
    if (_end + bytes.length > maxLogBytes - _markBytes) {
      _append(_encode(CloudLogLine('error', 'Log truncated at 1 MB')));
      _isClosed = true;
    } else {
      _append(bytes);
    }
  }

  /// Ends the log: what a left-over timer logs later is nobody's.
  void close() => _isClosed = true;

  Uint8List _encode(CloudLogLine line) {
    final json = line.toJson();
    json['message'] = _cutText(line.message);
    return utf8.encode('${_end == 0 ? _head : ','}${_encodeJson(json)}]}');
  }

  String get _head {
    final name = _invocation;
    return '{${name == null ? '' : '"invocation":${jsonEncode(name)},'}"logs":[';
  }

  void _append(Uint8List bytes) {
    try {
      if (_end == 0) _file.truncateSync(0);
      _file.setPositionSync(_end);
      _file.writeFromSync(bytes);
      _end += bytes.length - 2;
    } on FileSystemException {
      // No room: leave the lines so far, valid and without a gap.
      _overwrite(_end, _end == 0 ? '' : ']}');
      _isClosed = true;
    }
  }

  void _overwrite(int position, String text) {
    try {
      _file.truncateSync(position);
      _file.setPositionSync(position);
      _file.writeStringSync(text);
    } on FileSystemException {
      _isClosed = true;
    }
  }
}

String _encodeJson(Map<String, Object?> json) {
  try {
    return jsonEncode(json);
  } catch (_) {
    final metadata = json['metadata'] as Map<String, Object?>;
    return jsonEncode({...json, 'metadata': metadata.map(_encodable)});
  }
}

MapEntry<String, Object?> _encodable(String name, Object? value) {
  try {
    return MapEntry(name, jsonDecode(jsonEncode(value)));
  } catch (_) {
    return MapEntry(name, CloudLogLine.textOf(value));
  }
}

/// Cuts at a character, not within one.
String _cutText(String text) {
  if (text.length * 3 <= maxMessageBytes) return text;
  final head = text.length > maxMessageBytes
      ? text.substring(0, maxMessageBytes)
      : text;
  final bytes = utf8.encode(head);
  if (bytes.length <= maxMessageBytes && head.length == text.length) {
    return text;
  }
  var end = maxMessageBytes - 3;
  while (bytes[end] & 0xC0 == 0x80) {
    end--;
  }
  return utf8.decode(Uint8List.sublistView(bytes, 0, end)) + _cut;
}
