import 'dart:io';
import 'dart:mirrors';

import 'doorbell.dart';
import 'exchange.dart';
import 'practice.dart';
import 'rings.dart';
import 'runner.dart';

const _practiceRounds = 3;

/// Waits for the one function that this sandbox is going to serve, and serves
/// it with the exchange directory as working directory.
///
/// The function's library is loaded into this isolate, which has served a
/// function for practice: this one, as there is no other yet. So the first call
/// finds everything compiled but the function itself.
Future<void> load() async {
  final doorbell = await Doorbell.connect();
  await practise(
    (exchange) => _load(Platform.script, exchange),
    rounds: _practiceRounds,
  );
  doorbell.connectAnswers();
  Rings? rings;
  doorbell.listen(
    onFrame: (frame) {
      switch (frame) {
        case {
            'type': 'load',
            'program': final String program,
            'directory': final String directory,
          }:
          Directory.current = directory;
          _load(Uri.file(program), Exchange()).then((runner) {
            rings = Rings(runner, doorbell)..start(doorbell.sendLoaded);
          });
        case {'type': 'ring', 'invocation': final String invocation}:
          rings?.answer(invocation);
      }
    },
    onClosed: () => exit(0),
  );
  doorbell.sendReady();
}

/// Takes in the function of a kernel file, or ends the process.
Future<Runner> _load(Uri program, Exchange exchange) async {
  try {
    final library = await currentMirrorSystem().isolate.loadUri(program);
    late final Runner runner;
    void adopt(Object Function() create) => runner = Runner(create, exchange);
    library.invoke(#main, [const <String>[], adopt]);
    return runner;
  } catch (error) {
    stderr.writeln('Cannot load the function: $error');
    exit(254);
  }
}
