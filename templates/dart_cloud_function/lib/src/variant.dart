// The variant of a function that asks for no logger.
export 'cloud_dart_function.dart';
