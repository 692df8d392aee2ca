import 'package:dart_cloud_function/dart_cloud_function.dart';
import 'package:dart_cloud_logger/dart_cloud_logger.dart';

/// Makes the report of the day before. Oche calls it once for each time that
/// its cron trigger names; after a crash, perhaps once more.
@cloudFunction
class CronReport extends CloudDartFunction {
  @override
  Future<CloudResponse> handle({
    required CloudRequest request,
    required CloudDartFunctionLogger logger,
    Map<String, String>? env,
  }) async {
    // The time that was meant, however late it is now.
    final scheduled = request.headers['oche-scheduled-at'] ?? '';
    final at = DateTime.tryParse(scheduled) ?? DateTime.now().toUtc();
    final day = DateTime.utc(at.year, at.month, at.day - 1);
    final report = {
      'day': day.toIso8601String().substring(0, 10),
      'scheduledAt': at.toIso8601String(),
      'trigger': request.headers['oche-trigger'],
    };
    logger.info('Report of ${report['day']}', metadata: report);
    return CloudResponse.json(report);
  }
}
