import 'dart:convert';
import 'dart:io';

import 'package:dart_cloud_function/src/env_file.dart';

import '../../dart_cloud_logger/test/harness.dart';

void main() {
  final golden = Directory.fromUri(
      Platform.script.resolve('../../../tests/fixtures/env/'));
  for (final file in golden.listSync().whereType<File>()) {
    if (!file.path.endsWith('.env')) continue;
    final name = file.uri.pathSegments.last;
    final expected = jsonDecode(
        File(file.path.replaceFirst(RegExp(r'env$'), 'expected'))
            .readAsStringSync()) as Map;
    final error = expected['error'];

    test('parseEnvFile() ${error == null ? 'reads' : 'refuses'} $name', () {
      final text = file.readAsStringSync();
      if (error == null) {
        expectEqual(parseEnvFile(text), expected['env']);
      } else {
        final thrown =
            expectThrows<FormatException>(() => parseEnvFile(text));
        expectEqual(thrown.message, error);
      }
    });
  }

  runTests();
}
