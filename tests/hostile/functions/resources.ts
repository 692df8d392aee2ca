/** Hostile functions that take all they can get: processes, memory, disk, files, time. */
import { ok } from "node:assert";
import type { HostileCase, Refused } from "./case.ts";

const MB = 1024 * 1024;
const TIMEOUT: Refused = { code: "timeout" };
const OOM: Refused = { code: "function_failed", reason: "oom" };

export const RESOURCES: HostileCase[] = [
  {
    id: "fork-bomb",
    it: "forks without an end",
    wall: "the limit of processes, and the deadline",
    dart: `
    while (true) {
      cFork();
    }`,
    answer: TIMEOUT,
    deadlineMs: 3_000,
    isReplaced: true,
    byEngine: true,
    hasNeighbour: true,
  },
  {
    id: "thread-bomb",
    it: "starts threads until it cannot",
    wall: "the limit of processes, which counts threads",
    dart: `
    final create = libc.lookupFunction<
        Int Function(Pointer<Uint8>, Pointer<Void>, Pointer<Void>, Pointer<Void>),
        int Function(Pointer<Uint8>, Pointer<Void>, Pointer<Void>, Pointer<Void>)>('pthread_create');
    final nap = libc.lookup<Void>('usleep');
    final twoSeconds = Pointer<Void>.fromAddress(2000000);
    var count = 0;
    while (count < 10000 && create(malloc(16), nullptr, nap, twoSeconds) == 0) {
      count++;
    }
    // The VM needs threads itself, to serve the next call.
    await Future.delayed(Duration(seconds: 3));
    return CloudResponse.json({'count': count});`,
    answer: { statusCode: 200 },
    isReplaced: false,
    byEngine: true,
    check: ({ body }) => {
      const { count } = body as { count: number };
      ok(count > 8 && count < 64, `${count} threads`);
    },
  },
  {
    id: "memory-bomb",
    it: "takes memory without an end",
    wall: "the memory limit",
    dart: `
    final all = [];
    while (true) {
      all.add(Uint8List(1 << 20)..fillRange(0, 1 << 20, 1));
    }`,
    answer: OOM,
    isReplaced: true,
    byEngine: true,
    hasNeighbour: true,
  },
  {
    id: "tmp-bomb",
    it: "fills /tmp",
    wall: "the size of /tmp, 16 MB",
    dart: `
    final filled = fill('/tmp/bomb');
    File('/tmp/bomb').deleteSync();
    return CloudResponse.json(filled);`,
    answer: { statusCode: 200 },
    isReplaced: false,
    byEngine: true,
    check: ({ body }) => {
      const [count, error] = body as number[];
      ok((count ?? 0) <= 16 * MB);
      ok(error === 28 || error === 27, `error ${error}`);
    },
  },
  {
    id: "tmp-files",
    it: "makes files in /tmp without an end",
    wall: "the memory limit",
    dart: `
    for (var i = 0; ; i++) {
      File('/tmp/\$i').createSync();
    }`,
    answer: OOM,
    isReplaced: true,
    byEngine: true,
  },
  {
    id: "shm-bomb",
    it: "fills /dev/shm and /dev",
    wall: "both are as good as not there",
    dart: `
    return CloudResponse.json([
      for (final path in ['/dev/shm/bomb', '/dev/bomb', '/run/bomb', '/var/bomb', '/bomb'])
        attempt(() => fill(path)[0] as int > 1 << 20 ? null : throw FileSystemException('', '', OSError('', 28))),
    ]);`,
    answer: { statusCode: 200 },
    isReplaced: false,
    byEngine: true,
    check: ({ body }) => ok(!(body as string[]).includes("done"), `${body}`),
  },
  {
    id: "exchange-bomb",
    it: "fills its exchange directory",
    wall: "the limit of a file's size; there are two files that it may write",
    dart: `
    return CloudResponse.json([
      for (final name in ['result.json', 'logs.json'])
        () {
          final filled = fill(name);
          writeFile(name, []);
          return filled;
        }(),
    ]);`,
    answer: { statusCode: 200 },
    isReplaced: false,
    hasNeighbour: true,
    byEngine: true,
    check: ({ body }) => {
      for (const [count = Infinity, error] of body as number[][]) {
        ok(count <= 16 * MB);
        // No room in the quota, or too large a file.
        ok(error === 28 || error === 27, `error ${error}`);
      }
    },
  },
  {
    id: "fd-bomb",
    it: "opens files until it cannot",
    wall: "the limit of open files, 256",
    dart: `
    final all = <RandomAccessFile>[];
    try {
      while (all.length < 100000) {
        all.add(File('/dev/null').openSync());
      }
    } on FileSystemException catch (error) {
      return CloudResponse.json([all.length < 256, error.osError?.errorCode]);
    }
    return CloudResponse.text('no limit');`,
    answer: { statusCode: 200, body: [true, 24] },
    isReplaced: false,
  },
  {
    id: "busy-loop",
    it: "never ends",
    wall: "the deadline",
    dart: "    while (true) {}",
    answer: TIMEOUT,
    deadlineMs: 1_500,
    isReplaced: true,
    hasNeighbour: true,
  },
  {
    id: "ignore-sigterm",
    it: "ignores SIGTERM and goes on",
    wall: "the deadline: the kill is one that cannot be ignored",
    dart: `
    for (final signal in [ProcessSignal.sigterm, ProcessSignal.sigint, ProcessSignal.sighup]) {
      signal.watch().listen((_) {});
    }
    return Completer<CloudResponse>().future;`,
    answer: TIMEOUT,
    deadlineMs: 1_500,
    isReplaced: true,
    byEngine: true,
  },
  {
    id: "late",
    it: "answers when nobody waits any more",
    wall: "the deadline",
    dart: `
    await Future.delayed(Duration(seconds: 3));
    return CloudResponse.text('LATE');`,
    answer: TIMEOUT,
    deadlineMs: 1_500,
    isReplaced: true,
  },
  {
    id: "leave-children",
    it: "leaves processes behind",
    wall: "they go with the sandbox",
    dart: `
    var count = 0;
    while (count < 16) {
      final pid = cFork();
      if (pid < 0) break;
      if (pid == 0) while (true) { cSyscall(29, 0, 0, 0, 0, 0); }
      count++;
    }
    return CloudResponse.json(count);`,
    answer: { statusCode: 200, body: 16 },
    isReplaced: false,
    byEngine: true,
  },
];
