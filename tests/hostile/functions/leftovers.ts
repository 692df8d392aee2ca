/** Hostile functions that leave something running, to have a part in the next call. */

/** What the function leaves, and what it says of what that saw. */
export interface Leftover {
  id: string;
  it: string;
  /** Dart as in case.ts. */
  dart: string;
}

const FORGE = `
void forge(String? invocation) {
  final answer = utf8.encode('{"invocation":"\$invocation","statusCode":200,"body":"FORGED"}');
  final log = utf8.encode('{"invocation":"\$invocation","logs":[{"level":"info","message":"FORGED","timestamp":"t"}]}');
  try {
    writeFile('result.json', answer);
    writeFile('logs.json', log);
  } on FileSystemException {
    // The next try may do.
  }
}

void forgeForGood(String invocation) {
  while (true) {
    forge(invocation);
    sleep(const Duration(milliseconds: 1));
  }
}

void watchRequests(Object? _) {
  while (true) {
    final request = File('request.json').readAsStringSync();
    if (request.contains('NEXT SECRET')) File('/tmp/seen').writeAsStringSync(request);
    sleep(const Duration(milliseconds: 1));
  }
}
`;

/** Beside the cases, at the top level of the program. */
export const LEFTOVER_DECLARATIONS = FORGE;

export const LEFTOVERS: Leftover[] = [
  {
    id: "left-isolate",
    it: "an isolate that writes answers and logs",
    dart: `
    await Isolate.spawn(forgeForGood, request.invocationId!);
    return CloudResponse.text('left');`,
  },
  {
    id: "left-timer",
    it: "a timer that writes answers and logs, prints and throws",
    dart: `
    final invocation = request.invocationId;
    Timer.periodic(Duration(milliseconds: 1), (_) {
      forge(invocation);
      print('FORGED');
      throw StateError('FORGED');
    });
    return CloudResponse.text('left');`,
  },
  {
    id: "left-process",
    it: "a process that writes answers and logs",
    dart: `
    final answer = cText('{"invocation":"\${request.invocationId}","statusCode":200,"body":"FORGED"}');
    final name = cText('result.json');
    final length = answer.asTypedList(4096).indexOf(0);
    final nap = malloc(8).cast<Uint32>()
      ..[0] = 0
      ..[1] = 1000000;
    final napAt = nap.address, nameAt = name.address, answerAt = answer.address;
    // Once each, as a copy of the VM can compile nothing.
    void write() {
      final fd = cSyscall(5, nameAt, 1 | 512, 0, 0, 0);
      cSyscall(4, fd, answerAt, length, 0, 0);
      cSyscall(6, fd, 0, 0, 0, 0);
      cSyscall(162, napAt, 0, 0, 0, 0);
    }
    write();
    if (cFork() == 0) while (true) { write(); }
    return CloudResponse.text('left');`,
  },
];

/** The call after: it takes its time, so that what was left has a chance. */
export const NEXT_CALLS = [
  {
    id: "next",
    dart: `
    print('log of \${request.body}');
    await Future.delayed(Duration(milliseconds: 30));
    return CloudResponse.json({'answer to': request.body});`,
  },
  {
    id: "mark",
    dart: `
    final mark = File('/tmp/mark');
    final isMarked = mark.existsSync();
    mark.createSync();
    return CloudResponse.json(isMarked);`,
  },
  {
    id: "watch",
    dart: `
    await Isolate.spawn(watchRequests, null);
    return CloudResponse.text('watching');`,
  },
  {
    id: "seen",
    dart: `
    final file = File('/tmp/seen');
    return CloudResponse.json(file.existsSync());`,
  },
];
