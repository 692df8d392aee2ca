import 'dart:convert';

const _lineFeed = 0x0A;
const _carriageReturn = 0x0D;

/// Reads .env.config: `KEY=value` lines.
///
/// A value that starts with `"` is a JSON string; any other is taken as it
/// stands, to the end of its line. Blank lines and those that start with `#`
/// say nothing; of a repeated key the last value holds.
///
/// Throws a [FormatException] that names the line.
Map<String, String> parseEnvFile(String text) {
  final env = <String, String>{};
  var number = 0;
  for (var start = 0; start < text.length; number++) {
    var end = start;
    while (end < text.length && text.codeUnitAt(end) != _lineFeed) {
      end++;
    }
    final next = end + 1;
    if (end < text.length && end > start) {
      if (text.codeUnitAt(end - 1) == _carriageReturn) end--;
    }
    _addLine(env, text.substring(start, end), number);
    start = next;
  }
  return env;
}

void _addLine(Map<String, String> env, String line, int index) {
  if (_isBlank(line) || line.codeUnitAt(0) == 0x23) return;
  final equals = line.indexOf('=');
  if (equals < 0) throw _badLine(index, 'it has no =');
  final key = line.substring(0, equals);
  if (!_isName(key)) throw _badLine(index, 'its key is not a name');
  env[key] = _parseValue(line.substring(equals + 1), index);
}

bool _isBlank(String line) {
  for (var at = 0; at < line.length; at++) {
    final unit = line.codeUnitAt(at);
    if (unit != 0x20 && unit != 0x09) return false;
  }
  return true;
}

/// A letter or `_`, then letters, digits and `_`.
bool _isName(String key) {
  for (var at = 0; at < key.length; at++) {
    final unit = key.codeUnitAt(at);
    final lower = unit | 0x20;
    final isLetter = lower >= 0x61 && lower <= 0x7A || unit == 0x5F;
    if (!isLetter && (at == 0 || unit < 0x30 || unit > 0x39)) return false;
  }
  return key.isNotEmpty;
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
