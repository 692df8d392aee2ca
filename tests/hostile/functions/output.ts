/** Hostile functions against the log and the output. */
import { ok } from "node:assert";
import type { LogLine } from "../../../src/contracts/log.ts";
import type { HostileCase } from "./case.ts";

/** What one invocation may log, and a line that says that there was more. */
const MAX_LOG_BYTES = 1_300_000;

function isBounded({ logs }: { logs: LogLine[] }): void {
  ok(JSON.stringify(logs).length < MAX_LOG_BYTES);
}

export const OUTPUT: HostileCase[] = [
  {
    id: "print-gigabyte",
    it: "prints a gigabyte",
    wall: "the function side's limit of a log, 1 MB",
    dart: `
    final line = 'x' * 1000000;
    for (var i = 0; i < 1000; i++) {
      print(line);
    }
    return CloudResponse.text('printed');`,
    answer: { statusCode: 200, body: "printed" },
    isReplaced: false,
    log: /Log truncated at 1 MB/,
    check: isBounded,
  },
  {
    id: "long-line",
    it: "logs a line of 100 MB",
    wall: "the memory limit, or the limit of a line",
    dart: `
    final part = 'x' * 1000000;
    print(List.filled(100, part).join());
    return CloudResponse.text('logged');`,
    answer: { code: "function_failed", reason: "oom" },
    isReplaced: true,
    byEngine: true,
    check: isBounded,
  },
  {
    id: "flood-stdout",
    it: "writes to its standard output until it is stopped",
    wall: "the runtime drains it, and keeps the last lines alone",
    dart: `
    final text = cText('FLOOD ' * 10000 + '\\n');
    while (true) {
      cWrite(1, text, 60001);
    }`,
    answer: { code: "timeout" },
    deadlineMs: 4_000,
    isReplaced: true,
    byEngine: true,
    hasNeighbour: true,
    check: isBounded,
  },
  {
    id: "endless-stdout",
    it: "writes 100 MB to its standard output without an end of line",
    wall: "the runtime cuts long lines, and keeps the last alone",
    dart: `
    final text = cText('x' * 1000000);
    for (var i = 0; i < 100; i++) {
      cWrite(1, text, 1000000);
    }
    return CloudResponse.text('written');`,
    answer: { statusCode: 200, body: "written" },
    isReplaced: false,
    byEngine: true,
    hasNeighbour: true,
    check: isBounded,
  },
  {
    id: "close-stdout",
    it: "closes its standard output and error",
    wall: "the end of the output is not the end of the sandbox",
    dart: `
    return CloudResponse.json([cClose(1), cClose(2)]);`,
    answer: { statusCode: 200, body: [0, 0] },
    isReplaced: false,
    byEngine: true,
  },
  {
    id: "forge-log",
    it: "writes a log file of its own with levels and lines that are none",
    wall: "the schema of logs.json",
    dart: `
    writeFile('logs.json', utf8.encode('{"logs":[{"level":[],"message":{}}]}'));
    writeFile('result.json', utf8.encode(
        '{"invocation":"\${request.invocationId}","statusCode":200,"body":"ok"}'));
    say(utf8.encode(doneFrame(request.invocationId) * 2));
    return Completer<CloudResponse>().future;`,
    answer: { statusCode: 200, body: "ok" },
    isReplaced: true,
    log: /Cannot read logs\.json/,
  },
];
