import 'dart:async';
import 'dart:convert';
import 'dart:io';
import 'dart:typed_data';

/// A longer line without an end is cut into several.
const _maxLineBytes = 64 * 1024;

/// Makes lines of the bytes that a function writes to stdout or stderr.
final class LineBuffer {
  /// Hands each line to [_emit], without its end.
  LineBuffer(this._emit);

  final void Function(String line) _emit;
  final _rest = BytesBuilder();

  /// Takes [bytes], and emits the lines that they complete.
  void add(List<int> bytes) {
    var start = 0;
    for (var i = 0; i < bytes.length; i++) {
      if (bytes[i] == 0x0A) {
        _rest.add(bytes.sublist(start, i));
        _emitRest();
        start = i + 1;
      }
    }
    _rest.add(bytes.sublist(start));
    if (_rest.length >= _maxLineBytes) _emitRest();
  }

  /// Emits the line that has no end yet, if there is one.
  void flush() {
    if (_rest.isNotEmpty) _emitRest();
  }

  void _emitRest() =>
      _emit(utf8.decode(_rest.takeBytes(), allowMalformed: true));
}

/// What `stdout` or `stderr` is while a function runs.
///
/// It asks for its buffer at every write: an instance that a function keeps in
/// a static field writes to the log of the invocation that uses it.
final class CapturedOutput implements Stdout {
  /// Writes to the buffer that [_current] gives, nowhere if it gives none.
  CapturedOutput(this._current);

  final LineBuffer? Function() _current;
  final _done = Completer<void>();

  @override
  Encoding encoding = utf8;

  @override
  String lineTerminator = '\n';

  @override
  void add(List<int> data) => _current()?.add(data);

  @override
  void write(Object? object) => add(encoding.encode('$object'));

  @override
  void writeln([Object? object = '']) => write('$object\n');

  @override
  void writeAll(Iterable<dynamic> objects, [String separator = '']) =>
      write(objects.join(separator));

  @override
  void writeCharCode(int charCode) => write(String.fromCharCode(charCode));

  @override
  void addError(Object error, [StackTrace? stackTrace]) => writeln(error);

  @override
  Future<void> addStream(Stream<List<int>> stream) => stream.forEach(add);

  @override
  Future<void> flush() async {}

  @override
  Future<void> close() async {
    if (!_done.isCompleted) _done.complete();
  }

  @override
  Future<void> get done => _done.future;

  @override
  IOSink get nonBlocking => this;

  @override
  bool get hasTerminal => false;

  @override
  bool get supportsAnsiEscapes => false;

  @override
  int get terminalColumns => throw const StdoutException('No terminal');

  @override
  int get terminalLines => throw const StdoutException('No terminal');

  /// A later SDK may give [Stdout] members that this one does not know.
  @override
  dynamic noSuchMethod(Invocation invocation) =>
      super.noSuchMethod(invocation);
}
