import 'package:dart_cloud_function/dart_cloud_function.dart';

/// `GET /` says what it can do, `POST /sum` adds a list of numbers.
@cloudFunction
class ScaffoldName extends CloudDartFunction {
  @override
  Future<CloudResponse> handle({
    required CloudRequest request,
    Map<String, String>? env,
  }) async {
    return switch ((request.method, request.path)) {
      ('POST', '/sum') => _sum(request.body),
      (_, '/') => CloudResponse.json({
          'routes': ['POST /sum'],
        }),
      _ => CloudResponse.json({'error': 'Not found'}, statusCode: 404),
    };
  }

  CloudResponse _sum(dynamic body) {
    if (body is! List || body.any((each) => each is! num)) {
      return CloudResponse.json(
        {'error': 'Send a list of numbers'},
        statusCode: 400,
      );
    }
    final sum = body.cast<num>().fold<num>(0, (a, b) => a + b);
    return CloudResponse.json({'sum': sum});
  }
}
