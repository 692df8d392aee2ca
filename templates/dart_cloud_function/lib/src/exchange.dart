import 'dart:convert';
import 'dart:io';
import 'dart:typed_data';

import 'env_file.dart';
import 'log_file.dart';

/// A request that fits in is read by one system call.
const _usualBytes = 64 * 1024;

final _requestDecoder = utf8.decoder.fuse(json.decoder);

/// The exchange directory, seen from inside: the working directory at start, or
/// the folder that is given.
///
/// The files are there before the function is, and stay the same files: they
/// are opened once and rewritten in place. Nothing can be made, renamed or
/// deleted here. Those that are written here are empty before every ring.
final class Exchange {
  /// Opens what is written; the rest when it is read first.
  Exchange([String folder = '.'])
      : _requestFile = File('$folder/request.json').absolute,
        _envFile = File('$folder/.env.config').absolute,
        _logs = _openForWriting('$folder/logs.json'),
        _result = _openForWriting('$folder/result.json');

  final File _requestFile;
  final File _envFile;
  final RandomAccessFile _logs;
  final RandomAccessFile _result;
  final _buffer = Uint8List(_usualBytes);
  RandomAccessFile? _request;
  Map<String, String>? _env;

  /// The request that lies there now, decoded.
  Object? readRequest() {
    final file = _request ??= _requestFile.openSync();
    file.setPositionSync(0);
    final count = file.readIntoSync(_buffer);
    // A copy: the decoder is several times slower on a view.
    final start = _buffer.sublist(0, count);
    if (count < _usualBytes) return _requestDecoder.convert(start);
    final rest = file.readSync(file.lengthSync() - count);
    final bytes = BytesBuilder()
      ..add(start)
      ..add(rest);
    return _requestDecoder.convert(bytes.takeBytes());
  }

  /// A copy of .env.config, which is read at the first call and then kept.
  Map<String, String> readEnv() => {
        ..._env ??= _envFile.existsSync()
            ? parseEnvFile(_envFile.readAsStringSync())
            : const {},
      };

  /// Starts the log of [invocation].
  LogFile startLog(String? invocation) => LogFile(_logs, invocation);

  /// Writes the answer of an invocation.
  void writeResult(List<int> bytes) {
    _result.setPositionSync(0);
    _result.writeFromSync(bytes);
  }

  /// Writes an answer in place of what there may be of another.
  void rewriteResult(List<int> bytes) {
    // First, so that what there is leaves its room to this one.
    _result.truncateSync(0);
    writeResult(bytes);
  }

  /// Closes the files; nothing can be served after.
  void close() {
    for (final file in [_request, _logs, _result]) {
      file?.closeSync();
    }
  }
}

/// Opens without truncating, and without appending by the kernel.
RandomAccessFile _openForWriting(String name) =>
    File(name).openSync(mode: FileMode.writeOnlyAppend);
