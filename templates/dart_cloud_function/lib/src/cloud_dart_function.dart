import 'cloud_request.dart';
import 'cloud_response.dart';

/// What a cloud function extends.
///
/// Each invocation gets a new instance. Static fields live as long as the
/// sandbox, which may serve several invocations, one after another.
///
/// No one class admits both signatures of handle(): a function that asks for a
/// logger is built with the other variant of this file.
abstract class CloudDartFunction {
  /// Lets subclasses have constant constructors.
  const CloudDartFunction();

  /// Answers [request]. [env] is the function's own configuration.
  ///
  /// What it throws becomes an answer with status 500; the stack goes to the
  /// log only.
  Future<CloudResponse> handle({
    required CloudRequest request,
    Map<String, String>? env,
  });
}
