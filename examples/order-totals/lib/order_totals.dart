import 'package:dart_cloud_function/dart_cloud_function.dart';
import 'package:dart_cloud_logger/dart_cloud_logger.dart';

/// Adds up an order that came as a NATS message: a list of items, each with a
/// price in cents and a quantity.
@cloudFunction
class OrderTotals extends CloudDartFunction {
  @override
  Future<CloudResponse> handle({
    required CloudRequest request,
    required CloudDartFunctionLogger logger,
    Map<String, String>? env,
  }) async {
    final order = request.body;
    final items = order is Map ? order['items'] : null;
    if (items is! List) {
      return CloudResponse.json({'error': 'No items'}, statusCode: 422);
    }
    var cents = 0;
    for (final item in items.whereType<Map>()) {
      cents += _whole(item['cents']) * _whole(item['quantity'] ?? 1);
    }
    logger.info('Added up', metadata: {
      'subject': request.headers['oche-subject'],
      'cents': cents,
    });
    return CloudResponse.json({'order': (order as Map)['id'], 'cents': cents});
  }
}

int _whole(Object? value) => value is int ? value : 0;
