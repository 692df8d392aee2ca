import 'cloud_dart_function.dart';
import 'cloud_request.dart';
import 'cloud_response.dart';

/// The function that is called for practice.
final class Sample extends CloudDartFunction {
  @override
  Future<CloudResponse> handle({
    required CloudRequest request,
    Map<String, String>? env,
  }) async {
    print('');
    return CloudResponse.json({'env': env, 'body': request.body});
  }
}
