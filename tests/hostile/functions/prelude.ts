/** What all hostile cases have at hand, in Dart: libc, the doorbell, attempts. */

/** The doorbell is the process's only socket; it is rung past the runner. */
export const PRELUDE = `
import 'dart:async';
import 'dart:convert';
import 'dart:ffi';
import 'dart:io';
import 'dart:isolate';
import 'dart:typed_data';
import 'package:dart_cloud_function/dart_cloud_function.dart';

final libc = DynamicLibrary.process();
final malloc = libc.lookupFunction<Pointer<Uint8> Function(Size),
    Pointer<Uint8> Function(int)>('malloc');
final cWrite = libc.lookupFunction<IntPtr Function(Int, Pointer<Uint8>, Size),
    int Function(int, Pointer<Uint8>, int)>('write');
final cClose = libc.lookupFunction<Int Function(Int), int Function(int)>('close');
final cFork = libc.lookupFunction<Int Function(), int Function()>('fork');
final cKill = libc.lookupFunction<Int Function(Int, Int), int Function(int, int)>('kill');
final cSyscall = libc.lookupFunction<
    Long Function(Long, Long, Long, Long, Long, Long),
    int Function(int, int, int, int, int, int)>('syscall');

Pointer<Uint8> cBytes(List<int> bytes) {
  final pointer = malloc(bytes.length + 1);
  pointer.asTypedList(bytes.length + 1)
    ..setAll(0, bytes)
    ..[bytes.length] = 0;
  return pointer;
}

Pointer<Uint8> cText(String text) => cBytes(utf8.encode(text));

List<int> sockets() => [
      for (final entry in Directory('/proc/self/fd').listSync(followLinks: false))
        if (entry is Link && targetOf(entry).startsWith('socket:'))
          int.parse(entry.uri.pathSegments.last),
    ];

String targetOf(Link link) {
  try {
    return link.targetSync();
  } on FileSystemException {
    return '';
  }
}

void say(List<int> bytes) {
  cWrite(sockets().first, cBytes(bytes), bytes.length);
}

String doneFrame(String? invocation) =>
    '\${jsonEncode({'type': 'done', 'invocation': invocation})}\\n';

void writeFile(String name, List<int> bytes) {
  final file = File(name).openSync(mode: FileMode.writeOnlyAppend);
  file.truncateSync(0);
  file.setPositionSync(0);
  file.writeFromSync(bytes);
  file.closeSync();
}

/// Answers past the runner, and leaves that waiting for good.
Future<CloudResponse> answerRaw(CloudRequest request, List<int> bytes) {
  writeFile('result.json', bytes);
  say(utf8.encode(doneFrame(request.invocationId)));
  return Completer<CloudResponse>().future;
}

Future<CloudResponse> answerFields(CloudRequest request, String fields) =>
    answerRaw(request, utf8.encode('{"invocation":"\${request.invocationId}",\$fields}'));

/// 'done', or why not: the number of the error.
String attempt(void Function() act) {
  try {
    act();
    return 'done';
  } on FileSystemException catch (error) {
    return 'refused \${error.osError?.errorCode}';
  }
}

/// Every path below a folder, as far as it may be read.
List<String> listAll(Directory folder) {
  try {
    return [
      for (final entry in folder.listSync(followLinks: false)) ...[
        entry.path,
        if (entry is Directory) ...listAll(entry),
      ],
    ];
  } on FileSystemException {
    return [];
  }
}

/// How many bytes go into a file before it is refused, and why.
List<Object?> fill(String path) {
  final file = File(path).openSync(mode: FileMode.writeOnly);
  final chunk = Uint8List(64 * 1024)..fillRange(0, 64 * 1024, 120);
  var count = 0;
  try {
    while (count < 1 << 30) {
      file.writeFromSync(chunk);
      count += chunk.length;
    }
    return [count, 0];
  } on FileSystemException catch (error) {
    return [count, error.osError?.errorCode];
  } finally {
    file.closeSync();
  }
}
`;
