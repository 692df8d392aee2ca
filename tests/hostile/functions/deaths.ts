/** Hostile functions that end their process, or fail where nobody looks. */
import type { HostileCase, Refused } from "./case.ts";

const CRASH: Refused = { code: "function_failed", reason: "crash" };

/** Past the code that captures a function's own output. */
const ABORT = "libc.lookupFunction<Void Function(), void Function()>('abort')";

export const DEATHS: HostileCase[] = [
  {
    id: "exit-0",
    it: "ends its process as if all were well",
    wall: "a death is no answer",
    dart: "    exit(0);",
    answer: { code: "function_failed", reason: "no_result" },
    isReplaced: true,
    byEngine: true,
  },
  {
    id: "exit-0-late",
    it: "ends its process while it answers",
    wall: "an answer counts when the doorbell says so",
    dart: `
    writeFile('result.json', utf8.encode(
        '{"invocation":"\${request.invocationId}","statusCode":200,"body":"x"}'));
    exit(0);`,
    answer: { code: "function_failed", reason: "no_result" },
    isReplaced: true,
  },
  {
    id: "abort",
    it: "aborts its process",
    wall: "the sandbox",
    dart: `    ${ABORT}();\n    return CloudResponse.text('');`,
    answer: CRASH,
    isReplaced: true,
    byEngine: true,
  },
  {
    id: "segfault",
    it: "writes where no memory is",
    wall: "the sandbox",
    dart:
      "    Pointer<Uint8>.fromAddress(8).value = 1;\n    return CloudResponse.text('');",
    answer: CRASH,
    isReplaced: true,
    byEngine: true,
  },
  {
    id: "kill-all",
    it: "kills every process that it can, the first one too",
    wall:
      "it sees its own processes alone, and the first of those takes no SIGKILL from within",
    dart: `
    return CloudResponse.json([cKill(-1, 9), cKill(1, 9), cKill(1, 19)]);`,
    answer: { statusCode: 200, body: [-1, 0, 0] },
    isReplaced: false,
    byEngine: true,
  },
  {
    id: "async-error",
    it: "throws where nobody awaits",
    wall: "the zone of its invocation",
    dart: `
    Future.error(StateError('lost one'));
    Timer.run(() => throw StateError('lost two'));
    await Future.delayed(Duration(milliseconds: 50));
    return CloudResponse.text('went on');`,
    answer: { statusCode: 200, body: "went on" },
    isReplaced: false,
    log: /lost two/,
  },
  {
    id: "isolate-error",
    it: "throws in an isolate of its own",
    wall: "an isolate that fails ends alone",
    dart: `
    final ended = ReceivePort();
    await Isolate.spawn((_) => throw StateError('lost'), null, onExit: ended.sendPort);
    await ended.first;
    return CloudResponse.text('went on');`,
    answer: { statusCode: 200, body: "went on" },
    isReplaced: false,
  },
  {
    id: "stack-overflow",
    it: "calls itself without an end",
    wall: "the VM's limit of the stack",
    dart: `
    int f(int n) => 1 + f(n + 1);
    return CloudResponse.json(f(0));`,
    answer: {
      statusCode: 500,
      body: { error: "Function execution failed: Stack Overflow" },
    },
    isReplaced: false,
  },
  {
    id: "exit-isolate",
    it: "ends the isolate that serves it",
    wall: "an isolate that ends is the end of the sandbox",
    dart: "    Isolate.exit();",
    answer: CRASH,
    isReplaced: true,
  },
];
