import 'package:dart_cloud_function/dart_cloud_function.dart';

@cloudFunction
class ScaffoldName extends CloudDartFunction {
  @override
  Future<CloudResponse> handle({
    required CloudRequest request,
    Map<String, String>? env,
  }) async {
    final name = request.query['name'] ?? 'world';
    return CloudResponse.json({'message': 'Hello, $name!'});
  }
}
