/// What the VM of such a sandbox asks instead of a compiler: it has kernel files
/// read as they are.
library;

import 'dart:isolate';

import 'src/kernel_reader.dart';

/// The VM calls it without an argument and takes the port. With one, nothing is
/// to be served: that is the run by which its snapshot is made.
RawReceivePort? main([Object? arguments]) =>
    arguments == null ? serveKernels() : null;
