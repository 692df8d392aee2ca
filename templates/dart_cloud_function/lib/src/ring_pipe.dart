import 'dart:convert';
import 'dart:io';
import 'dart:typed_data';

const _name = 'ring';
const _answerName = 'answer';
const _watched = '!';
const _maxRingBytes = 1024;

/// The pipe beside the doorbell, for a function that has nothing else to do
/// than wait for the next ring.
///
/// It is waited for by one system call of the isolate's own thread. By the
/// doorbell, a ring wakes a thread of the VM's first, and that the isolate's.
final class RingPipe {
  RingPipe._(this._file, this._answers);

  /// The pipes in the working directory, before a function could use up what
  /// may be open; null where the runtime made none.
  static RingPipe? open() {
    try {
      return RingPipe._(
        File(_name).openSync(),
        File(_answerName).openSync(mode: FileMode.writeOnly),
      );
    } on FileSystemException {
      return null;
    }
  }

  final RandomAccessFile _file;
  final RandomAccessFile _answers;
  final _buffer = Uint8List(_maxRingBytes);

  /// Stops the isolate until the runtime rings; null when it sends the isolate
  /// back to its other work, or has ended.
  Ring? wait() {
    final count = _file.readIntoSync(_buffer);
    if (count < 2) return null;
    final text = utf8.decode(_buffer.sublist(0, count - 1));
    return text.startsWith(_watched)
        ? Ring(text.substring(_watched.length), isWatched: true)
        : Ring(text);
  }

  /// Says [frame] to a runtime that watches for it.
  void answer(List<int> frame) => _answers.writeFromSync(frame);
}

/// What the runtime asks for.
final class Ring {
  /// A ring that is answered by the doorbell unless it [isWatched].
  const Ring(this.invocation, {this.isWatched = false});

  /// What is asked for.
  final String invocation;

  /// Whether the answer goes by the pipe of answers.
  final bool isWatched;
}
