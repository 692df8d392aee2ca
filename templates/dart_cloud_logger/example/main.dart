/// Collects what a piece of code logs, as a unit test would.
import 'package:dart_cloud_logger/dart_cloud_logger.dart';

void main() {
  final lines = <CloudLogLine>[];
  takeOrder('A-17', CloudDartFunctionLogger.collect(lines));
  for (final line in lines) {
    print('$line ${line.metadata}');
  }
}

void takeOrder(String id, CloudDartFunctionLogger logger) {
  logger.info('Order taken', metadata: {'id': id});
}
