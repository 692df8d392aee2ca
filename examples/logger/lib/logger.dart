import 'package:dart_cloud_function/dart_cloud_function.dart';
import 'package:dart_cloud_logger/dart_cloud_logger.dart';

/// Counts the words of a text, and says in its log what it did.
@cloudFunction
class WordCount extends CloudDartFunction {
  @override
  Future<CloudResponse> handle({
    required CloudRequest request,
    required CloudDartFunctionLogger logger,
    Map<String, String>? env,
  }) async {
    final text = '${request.body ?? ''}';
    final words = RegExp(r'\S+').allMatches(text).length;
    logger.info('Counted', metadata: {'words': words});
    if (words == 0) logger.error('There was nothing to count');
    print('print() ends in the log too');
    return CloudResponse.json({'words': words});
  }
}
