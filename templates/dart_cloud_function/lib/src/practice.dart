import 'dart:io';

import 'runner.dart';

const _files = {
  'request.json': '{"method":"POST","path":"/","headers":{"a":"b"},"query":{},'
      '"body":{"a":[1,2.5,null,true,"text"]}}',
  '.env.config': 'A=b\nC="d"\n',
  'logs.json': '',
  'result.json': '',
};

const _rounds = 3;

/// Serves made-up requests of the function that [load] gives, in a folder of
/// its own, of which nothing stays: the code of an invocation is compiled then.
Future<void> practise(Future<Runner> Function() load) async {
  final home = Directory.current;
  final folder = Directory.systemTemp.createTempSync();
  try {
    Directory.current = folder;
    for (final MapEntry(key: name, value: text) in _files.entries) {
      File(name).writeAsStringSync(text);
    }
    final runner = await load();
    for (var round = 0; round < _rounds; round++) {
      await runner.serve('$round');
    }
    runner.close();
  } finally {
    Directory.current = home;
    folder.deleteSync(recursive: true);
  }
}
