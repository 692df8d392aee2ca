import 'package:dart_cloud_function/dart_cloud_function.dart';
import 'package:dart_cloud_logger/dart_cloud_logger.dart';

/// Says what was pushed to a repository. Oche has proven that GitHub sent it,
/// and calls this once for each delivery; after a crash, perhaps once more.
@cloudFunction
class GithubWebhook extends CloudDartFunction {
  @override
  Future<CloudResponse> handle({
    required CloudRequest request,
    required CloudDartFunctionLogger logger,
    Map<String, String>? env,
  }) async {
    final event = request.headers['oche-event'] ?? 'unknown';
    final delivery = request.headers['oche-delivery'];
    final body = request.body;
    if (event != 'push' || body is! Map) {
      logger.info('Nothing to do', metadata: {'event': event});
      return CloudResponse.json({'event': event, 'commits': 0});
    }
    final repository = _field(body['repository'], 'full_name');
    final commits = body['commits'];
    final messages = [
      if (commits is List)
        for (final commit in commits) '${_field(commit, 'message')}',
    ];
    for (final message in messages) {
      logger.info(message.split('\n').first, metadata: {
        'repository': repository,
        'ref': body['ref'],
        'delivery': delivery,
      });
    }
    return CloudResponse.json({'event': event, 'commits': messages.length});
  }
}

Object? _field(Object? value, String name) => value is Map ? value[name] : null;
