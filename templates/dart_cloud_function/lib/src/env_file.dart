import 'dart:convert';

final _key = RegExp(r'^[A-Za-z_][A-Za-z0-9_]*$');
final _blank = RegExp(r'^[ \t]*$');
final _lineBreak = RegExp(r'\r?\n');

/// Reads .env.config: `KEY=value` lines.
///
/// A value that starts with `"` is a JSON string; any other is taken as it
/// stands, to the end of its line. Blank lines and those that start with `#`
/// say nothing; of a repeated key the last value holds.
///
/// Throws a [FormatException] that names the line.
Map<String, String> parseEnvFile(String text) {
  final env = <String, String>{};
  for (final (index, line) in text.split(_lineBreak).indexed) {
    if (_blank.hasMatch(line) || line.startsWith('#')) continue;
    final equals = line.indexOf('=');
    if (equals < 0) throw _badLine(index, 'it has no =');
    final key = line.substring(0, equals);
    if (!_key.hasMatch(key)) throw _badLine(index, 'its key is not a name');
    env[key] = _parseValue(line.substring(equals + 1), index);
  }
  return env;
}

String _parseValue(String value, int index) {
  if (!value.startsWith('"')) return value;
  try {
    return jsonDecode(value) as String;
  } on FormatException {
    throw _badLine(index, 'its quoted value is not a JSON string');
  }
}

FormatException _badLine(int index, String state) =>
    FormatException('Cannot read line ${index + 1} of .env.config: $state');
