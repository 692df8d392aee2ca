// Takes the place of variant.dart in the build of a function that asks for a
// logger: no one class admits both signatures of handle().
export 'cloud_dart_function_logged.dart';
