/** Hostile functions against the exchange directory and the doorbell. */
import type { HostileCase, Refused } from "./case.ts";

const GARBAGE: Refused = {
  code: "function_failed",
  reason: "bad_result",
  detail: /garbage on the doorbell/,
};

const NEVER = "return Completer<CloudResponse>().future;";

/** Says something on the doorbell in place of an answer. */
function says(
  id: string,
  it: string,
  bytes: string,
  answer = GARBAGE,
): HostileCase {
  return {
    id,
    it,
    wall: "the frames of the doorbell",
    dart: `    say(${bytes});\n    ${NEVER}`,
    answer,
    isReplaced: true,
  };
}

export const EXCHANGE: HostileCase[] = [
  {
    id: "delete-directory",
    it: "deletes its own exchange directory",
    wall: "the directory is not the function's",
    dart: `
    final own = Directory.current;
    final before = own.listSync().length;
    return CloudResponse.json({
      'delete': attempt(() => own.deleteSync(recursive: true)),
      'rename': attempt(() => own.renameSync('\${own.path}x')).split(' ').first,
      'request': attempt(() => writeFile('request.json', [])),
      'env': attempt(() => writeFile('.env.config', [])),
      'left': own.listSync().length - before,
    });`,
    answer: {
      statusCode: 200,
      body: {
        delete: "refused 13",
        rename: "refused",
        request: "refused 13",
        env: "refused 13",
        left: 0,
      },
    },
    isReplaced: false,
  },
  {
    id: "change-rights",
    it: "gives itself rights on its exchange directory",
    wall: "the directory is not the function's, and it has no capability",
    dart: `
    final chmod = libc.lookupFunction<Int Function(Pointer<Uint8>, Int),
        int Function(Pointer<Uint8>, int)>('chmod');
    return CloudResponse.json([
      for (final path in ['.', 'request.json', 'result.json'])
        chmod(cText(path), 511),
    ]);`,
    answer: { statusCode: 200, body: [-1, -1, -1] },
    isReplaced: false,
  },
  {
    id: "ring-twice",
    it: "says twice that it has answered",
    wall: "one answer for one ring: the sandbox is not believed any more",
    dart: `
    writeFile('result.json', utf8.encode(
        '{"invocation":"\${request.invocationId}","statusCode":200,"body":"once"}'));
    say(utf8.encode(doneFrame(request.invocationId) * 2));
    ${NEVER}`,
    answer: { statusCode: 200, body: "once" },
    isReplaced: true,
  },
  says(
    "ring-another",
    "answers somebody else's ring",
    "utf8.encode(doneFrame('00000000-0000-4000-8000-000000000000'))",
  ),
  says("garbage", "speaks garbage on the doorbell", "[0, 255, 1, 254, 10]"),
  says(
    "endless-line",
    "speaks a megabyte without an end on the doorbell",
    "List.filled(1 << 20, 120)",
  ),
  says(
    "flood",
    "says without an end that it is ready",
    `utf8.encode('{"type":"ready","protocol":1}\\n' * 100000)`,
  ),
  {
    id: "hang-up",
    it: "closes the doorbell and goes on",
    wall: "an end of the doorbell is an end of the sandbox",
    dart: `
    for (final fd in sockets()) {
      cClose(fd);
    }
    ${NEVER}`,
    answer: { code: "function_failed", reason: "crash" },
    isReplaced: true,
    // Its caller hears the truth, not that nobody answered.
    deadlineMs: 3_000,
    byEngine: true,
  },
  {
    id: "ring-itself",
    it: "writes rings for itself into the pipe",
    wall: "the pipe is not the function's to write",
    dart: `
    return CloudResponse.json(attempt(() => writeFile('ring', utf8.encode('x\\n'))));`,
    answer: { statusCode: 200, body: "refused 13" },
    isReplaced: false,
  },
  {
    id: "leave-rings",
    it: "says that it waits at the pipe, and lets the next caller wait",
    wall: "the next caller's deadline",
    dart: `
    writeFile('result.json', utf8.encode(
        '{"invocation":"\${request.invocationId}","statusCode":200,"body":"first"}'));
    say(utf8.encode('{"type":"done","invocation":"\${request.invocationId}","waits":true}\\n'));
    ${NEVER}`,
    answer: { statusCode: 200, body: "first" },
    isReplaced: true,
    spoilsNext: true,
  },
  {
    id: "leave-busy",
    it: "answers, and lets the next caller wait in a loop without an end",
    wall: "the next caller's deadline",
    dart: `
    Timer.run(() {
      while (true) {}
    });
    return CloudResponse.text('first');`,
    answer: { statusCode: 200, body: "first" },
    isReplaced: true,
    spoilsNext: true,
  },
  {
    id: "knock-again",
    it: "connects to its doorbell a second time, and looks for others",
    wall: "a doorbell takes one connection, and no other is in sight",
    dart: `
    final found = Directory('/app/functions').listSync(recursive: true)
        .where((e) => e.path.endsWith('/doorbell')).map((e) => e.path).toSet();
    final answers = <String>[];
    for (final path in {'doorbell', ...found}) {
      try {
        final address = InternetAddress(path, type: InternetAddressType.unix);
        (await Socket.connect(address, 0)).destroy();
        answers.add('connected');
      } on SocketException {
        answers.add('refused');
      }
    }
    return CloudResponse.json(answers.toSet().toList());`,
    answer: { statusCode: 200, body: ["refused"] },
    isReplaced: false,
    // Its second connection, for answers, is made by then: there is no third.
    answered: 8,
  },
];
