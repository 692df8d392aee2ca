/** Hostile functions that look and reach beyond their sandbox. The test's own listeners are the targets. */
import { deepStrictEqual, ok } from "node:assert";
import type { HostileCase } from "./case.ts";

export const SURROUNDINGS: HostileCase[] = [
  {
    id: "proc",
    it: "reads and writes the kernel's files",
    wall: "masked and read-only paths of /proc, and no capability",
    dart: `
    String read(String path) {
      try {
        final file = File(path).openSync();
        try {
          return file.readSync(16).isEmpty ? 'empty' : 'READ';
        } finally {
          file.closeSync();
        }
      } on FileSystemException {
        return 'refused';
      }
    }
    String list(String path) {
      try {
        return Directory(path).listSync().isEmpty ? 'empty' : 'READ';
      } on FileSystemException {
        return 'refused';
      }
    }
    return CloudResponse.json({
      for (final path in ['/proc/kcore', '/proc/keys', '/proc/timer_list', '/proc/kmsg'])
        path: read(path),
      for (final path in ['/proc/acpi', '/proc/scsi', '/sys/firmware'])
        path: list(path),
      for (final path in ['/proc/sysrq-trigger', '/proc/sys/kernel/core_pattern', '/proc/sys/vm/drop_caches', '/proc/1/oom_score_adj', '/sys/fs/cgroup/cgroup.procs', '/sys/fs/cgroup/memory/memory.limit_in_bytes'])
        path: attempt(() => File(path).writeAsStringSync('-1')) == 'done' ? 'WRITTEN' : 'refused',
    });`,
    answer: { statusCode: 200 },
    isReplaced: false,
    byEngine: true,
    check: ({ body }) => {
      const { "/proc/1/oom_score_adj": _own, ...rest } = body as Record<
        string,
        string
      >;
      deepStrictEqual(
        Object.entries(rest).filter(([, how]) =>
          how === "READ" || how === "WRITTEN"
        ),
        [],
      );
    },
  },
  {
    id: "host-paths",
    it: "looks for the engine's socket, the host's files and other functions",
    wall: "only its own directory is mounted",
    dart: `
    return CloudResponse.json({
      'there': [
        for (final path in request.query['paths']!.split(':'))
          if (FileSystemEntity.typeSync(path) != FileSystemEntityType.notFound) path,
      ],
      'sockets': [
        for (final entry in Directory('/').listSync(recursive: false))
          if (!['/proc', '/sys', '/dev'].contains(entry.path) && entry is Directory)
            for (final below in listAll(entry))
              if (FileSystemEntity.typeSync(below) == FileSystemEntityType.unixDomainSock) below,
      ],
      'functions': Directory('/app/functions').listSync().length,
    });`,
    answer: { statusCode: 200 },
    isReplaced: false,
    byEngine: true,
    check: ({ body }) => {
      const { there, sockets, functions } = body as {
        there: string[];
        sockets: string[];
        functions: number;
      };
      deepStrictEqual(there, []);
      ok(sockets.every((path) => path.endsWith("/doorbell")), `${sockets}`);
      ok(functions <= 2, `${functions}`);
    },
  },
  {
    id: "network",
    it: "connects to listeners on the host's loopback",
    wall: "no network but a loopback of its own",
    dart: `
    final tried = <String, String>{};
    for (final port in request.query['ports']!.split(',')) {
      try {
        (await Socket.connect('127.0.0.1', int.parse(port))).destroy();
        tried[port] = 'CONNECTED';
      } on SocketException {
        tried[port] = 'refused';
      }
    }
    final udp = await RawDatagramSocket.bind('127.0.0.1', 0);
    udp.send(utf8.encode('FROM THE SANDBOX'), InternetAddress('127.0.0.1'), int.parse(request.query['udp']!));
    udp.close();
    final interfaces = await NetworkInterface.list(includeLoopback: true, includeLinkLocal: true);
    return CloudResponse.json({
      'tried': tried.values.toSet().toList(),
      'interfaces': [for (final each in interfaces) each.name],
    });`,
    answer: {
      statusCode: 200,
      body: { tried: ["refused"], interfaces: ["lo"] },
    },
    isReplaced: false,
    byEngine: true,
  },
  {
    id: "privileges",
    it: "asks the kernel for more: namespaces, mounts, keys, tracing, root",
    wall: "seccomp, no capability, no new privileges",
    // Numbers of the i386 table, as the VM is a 32-bit program.
    dart: `
    final calls = <String, List<int>>{
      'unshare a user namespace': [310, 0x10000000],
      'setns': [346, 0, 0],
      'mount': [21, cText('none').address, cText('/tmp').address, cText('tmpfs').address],
      'umount': [52, cText('/tmp').address],
      'pivot_root': [217, cText('/tmp').address, cText('/tmp').address],
      'chroot': [61, cText('/tmp').address],
      'setuid': [213, 0],
      'mknod': [14, cText('/tmp/null').address, 8624, 259],
      'bpf': [357, 0, 0, 0],
      'add_key': [286, cText('user').address, cText('k').address, cText('v').address, 1],
      'keyctl': [288, 0, 0],
      'init_module': [128, 0, 0, 0],
      'reboot': [88, 0, 0, 0],
      'swapon': [87, cText('/tmp').address, 0],
      'sethostname': [74, cText('x').address, 1],
      'settimeofday': [79, cBytes(List.filled(8, 0)).address, 0],
      'perf_event_open': [336, cBytes(List.filled(128, 0)).address, 0, -1],
      'userfaultfd': [374, 0],
      'open_by_handle_at': [342, 0, 0, 0],
      'a raw socket': [359, 2, 3, 1],
      'a packet socket': [359, 17, 3, 768],
    };
    return CloudResponse.json([
      for (final MapEntry(:key, value: c) in calls.entries)
        if (cSyscall(c[0], c[1], c.length > 2 ? c[2] : 0, c.length > 3 ? c[3] : 0, c.length > 4 ? c[4] : 0, 0) != -1)
          key,
    ]);`,
    answer: { statusCode: 200, body: [] },
    isReplaced: false,
    byEngine: true,
  },
  {
    id: "run-programs",
    it: "runs programs of its own",
    wall: "/tmp is mounted noexec, and nothing else can be written",
    dart: `
    File('/tmp/program').writeAsStringSync('#!/usr/bin/dart\\n');
    final chmod = libc.lookupFunction<Int Function(Pointer<Uint8>, Int),
        int Function(Pointer<Uint8>, int)>('chmod');
    chmod(cText('/tmp/program'), 511);
    try {
      await Process.run('/tmp/program', []);
      return CloudResponse.text('RAN');
    } on ProcessException catch (error) {
      return CloudResponse.json(error.errorCode);
    }`,
    answer: { statusCode: 200, body: 13 },
    isReplaced: false,
  },
];
