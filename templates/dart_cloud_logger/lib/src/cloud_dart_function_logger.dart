import 'cloud_log_line.dart';

/// Writes the log of one invocation.
///
/// A function gets one by asking for it:
///
/// ```dart
/// @override
/// Future<CloudResponse> handle({
///   required CloudRequest request,
///   required CloudDartFunctionLogger logger,
///   Map<String, String>? env,
/// }) async {
///   logger.info('Order taken', metadata: {'order': request.body['id']});
///   return CloudResponse.json({'ok': true});
/// }
/// ```
///
/// A message may be any object: its `toString()` is logged. No method throws
/// for what it was given; metadata that is not JSON is logged as text.
class CloudDartFunctionLogger {
  /// A logger that hands every line to [sink].
  const CloudDartFunctionLogger(void Function(CloudLogLine line) sink)
      : _sink = sink;

  /// A logger that adds every line to [lines]; made for unit tests.
  ///
  /// ```dart
  /// final lines = <CloudLogLine>[];
  /// await MyFunction().handle(
  ///   request: CloudRequest(),
  ///   logger: CloudDartFunctionLogger.collect(lines),
  /// );
  /// assert(lines.single.message == 'Order taken');
  /// ```
  CloudDartFunctionLogger.collect(List<CloudLogLine> lines) : this(lines.add);

  final void Function(CloudLogLine line) _sink;

  /// Logs what happened.
  void info(Object? message, {Map<String, Object?>? metadata}) =>
      _sink(CloudLogLine('info', message, metadata: metadata));

  /// Logs what went wrong.
  void error(Object? message, {Map<String, Object?>? metadata}) =>
      _sink(CloudLogLine('error', message, metadata: metadata));

  /// Logs what helps to find a mistake.
  void debug(Object? message, {Map<String, Object?>? metadata}) =>
      _sink(CloudLogLine('debug', message, metadata: metadata));

  /// Logs at level info, as `print()` does.
  void printLog(Object? message, {Map<String, Object?>? metadata}) =>
      info(message, metadata: metadata);
}
