import 'package:dart_cloud_function/dart_cloud_function.dart';
import 'package:multi_file/src/catalogue.dart';

import 'src/tax.dart';

/// Answers `/<article>` with its price, tax included.
@cloudFunction
class Prices extends CloudDartFunction {
  @override
  Future<CloudResponse> handle({
    required CloudRequest request,
    Map<String, String>? env,
  }) async {
    final article = request.path.substring(1);
    final net = catalogue[article];
    if (net == null) {
      return CloudResponse.json(
        {'error': 'No article "$article"'},
        statusCode: 404,
      );
    }
    return CloudResponse.json({'article': article, 'price': withTax(net)});
  }
}
