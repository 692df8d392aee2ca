/// What a cloud function is written with.
///
/// ```dart
/// import 'package:dart_cloud_function/dart_cloud_function.dart';
///
/// @cloudFunction
/// class Hello extends CloudDartFunction {
///   @override
///   Future<CloudResponse> handle({
///     required CloudRequest request,
///     Map<String, String>? env,
///   }) async {
///     return CloudResponse.json({'hello': request.query['name']});
///   }
/// }
/// ```
library;

export 'src/cloud_function.dart';
export 'src/cloud_request.dart';
export 'src/cloud_response.dart' show CloudResponse;
export 'src/variant.dart';
