/// The logger that a cloud function's `handle()` gets when it asks for one.
library;

export 'src/cloud_dart_function_logger.dart';
export 'src/cloud_log_line.dart';
