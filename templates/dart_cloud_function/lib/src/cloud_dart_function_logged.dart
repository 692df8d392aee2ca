import 'package:dart_cloud_logger/dart_cloud_logger.dart';

import 'cloud_request.dart';
import 'cloud_response.dart';

/// What a cloud function extends.
///
/// Each invocation gets a new instance. Static fields live as long as the
/// sandbox, which may serve several invocations, one after another.
///
/// This is the variant with a logger: it takes the place of
/// cloud_dart_function.dart in the build of a function that asks for one.
abstract class CloudDartFunction {
  /// Lets subclasses have constant constructors.
  const CloudDartFunction();

  /// Answers [request]. [env] is the function's own configuration; what
  /// [logger] is given is in the log when its call returns.
  ///
  /// What it throws becomes an answer with status 500; the stack goes to the
  /// log only.
  Future<CloudResponse> handle({
    required CloudRequest request,
    required CloudDartFunctionLogger logger,
    Map<String, String>? env,
  });
}
