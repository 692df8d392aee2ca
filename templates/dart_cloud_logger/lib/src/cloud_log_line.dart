/// One line of a function's log, as logs.json holds it.
class CloudLogLine {
  /// A line of this moment, whatever [message] is.
  CloudLogLine(this.level, Object? message, {this.metadata})
      : message = textOf(message),
        timestamp = DateTime.now().toUtc();

  /// `debug`, `info` or `error`.
  final String level;

  /// What was logged, as text.
  final String message;

  /// When it was logged, in UTC.
  final DateTime timestamp;

  /// What was said beside the message.
  final Map<String, Object?>? metadata;

  /// The shape of logs.json. Nothing in [metadata] is converted.
  Map<String, Object?> toJson() => {
        'level': level,
        'message': message,
        'timestamp': timestamp.toIso8601String(),
        if (metadata != null) 'metadata': metadata,
      };

  @override
  String toString() => '[$level] $message';

  /// The text of any object; never throws, even where its `toString()` does.
  static String textOf(Object? value) {
    try {
      return '$value';
    } catch (_) {
      return '(an object whose toString() throws)';
    }
  }
}
