/// A function, and how a unit test of it may look.
import 'package:dart_cloud_function/dart_cloud_function.dart';

@cloudFunction
class Greet extends CloudDartFunction {
  @override
  Future<CloudResponse> handle({
    required CloudRequest request,
    Map<String, String>? env,
  }) async {
    final name = request.query['name'];
    if (name == null) {
      return CloudResponse.json({'error': 'Who is it?'}, statusCode: 400);
    }
    final greeting = env?['GREETING'] ?? 'Hello';
    return CloudResponse.json({'message': '$greeting, $name'});
  }
}

Future<void> main() async {
  final response = await Greet().handle(
    request: CloudRequest(query: {'name': 'Ada'}),
    env: {'GREETING': 'Good day'},
  );
  assert(response.statusCode == 200);
  assert(response.body['message'] == 'Good day, Ada');
  print(response.body);
}
