import 'dart:io';

import 'exchange.dart';
import 'runner.dart';

const _files = {
  'request.json': '{"method":"POST","path":"/","headers":{"a":"b"},"query":{},'
      '"body":{"a":[1,2.5,null,true,"text"]}}',
  '.env.config': 'A=b\nC="d"\n',
  'logs.json': '',
  'result.json': '',
};

/// Serves made-up requests of the function that [load] gives, in a folder of
/// its own, of which nothing stays: the code of an invocation is compiled then.
Future<void> practise(
  Future<Runner> Function(Exchange exchange) load, {
  required int rounds,
}) async {
  final folder = Directory.systemTemp.createTempSync();
  try {
    for (final MapEntry(key: name, value: text) in _files.entries) {
      File('${folder.path}/$name').writeAsStringSync(text);
    }
    final exchange = Exchange(folder.path);
    final runner = await load(exchange);
    for (var round = 0; round < rounds; round++) {
      await runner.serve('$round');
    }
    exchange.close();
  } finally {
    folder.deleteSync(recursive: true);
  }
}
