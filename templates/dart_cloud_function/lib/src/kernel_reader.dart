import 'dart:io';
import 'dart:isolate';

const _ok = 0;
const _failed = 1;

/// Answers the VM's requests to compile a file: with its bytes, since it is a
/// kernel file.
///
/// This way a library is loaded into an isolate that runs. `Isolate.spawnUri`
/// would start a new group of isolates, in which all code is compiled again.
///
/// Shapes as of Dart 3.7 (SDK, pkg/vm/bin/kernel_service.dart): a request is
/// `[tag, port, uri, …]`, without a port it wants no answer; the answer is
/// `[0, bytes]` or `[1, message, what there is of a kernel file]`.
RawReceivePort serveKernels() => RawReceivePort()
  ..handler = (Object? request) {
    if (request case [_, final SendPort port, final String uri, ...]) {
      port.send(_read(uri));
    }
  };

List<Object?> _read(String uri) {
  try {
    return [_ok, File.fromUri(Uri.base.resolve(uri)).readAsBytesSync()];
  } on Exception catch (error) {
    return [_failed, '$error', null];
  }
}
