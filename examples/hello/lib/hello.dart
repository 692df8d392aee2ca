import 'package:dart_cloud_function/dart_cloud_function.dart';

/// Greets the `name` in a JSON body or in the query, or else the world.
@cloudFunction
class Hello extends CloudDartFunction {
  @override
  Future<CloudResponse> handle({
    required CloudRequest request,
    Map<String, String>? env,
  }) async {
    final body = request.body;
    final name = (body is Map ? body['name'] : null) ??
        request.query['name'] ??
        'world';
    return CloudResponse.json({'message': 'Hello, $name!'});
  }
}
