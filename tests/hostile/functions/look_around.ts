/** A function that tells what it sees of its sandbox, for the test of the wall. */
import { z } from "zod";
import { plainFunction } from "../../support/project.ts";

export const LOOK_AROUND = plainFunction(
  `
    if (request.query['exit'] != null) exit(1);
    String read(String path) {
      try {
        return File(path).readAsStringSync();
      } on FileSystemException {
        return '';
      }
    }
    final writable = <String>[];
    void look(Directory folder) {
      try {
        File('\${folder.path}/probe')
          ..createSync()
          ..deleteSync();
        writable.add(folder.path);
      } on FileSystemException {
        // As it should be.
      }
      try {
        for (final entry in folder.listSync(followLinks: false)) {
          if (entry is Directory) look(entry);
        }
      } on FileSystemException {
        // Not even to be listed.
      }
    }
    for (final entry in Directory('/').listSync(followLinks: false)) {
      if (entry is Directory && !['/proc', '/sys'].contains(entry.path)) look(entry);
    }
    final control = '/sys/fs/cgroup';
    return CloudResponse.json({
      'status': read('/proc/self/status'),
      'limits': read('/proc/self/limits'),
      'mounts': read('/proc/self/mountinfo'),
      'environment': read('/proc/1/environ'),
      'interfaces': read('/proc/net/dev'),
      'hosts': read('/etc/hosts'),
      'shadow': FileSystemEntity.typeSync('/etc/shadow').toString(),
      'memory': read('$control/memory/memory.limit_in_bytes') + read('$control/memory.max'),
      'quota': read('$control/cpu/cpu.cfs_quota_us') + read('$control/cpu.max'),
      'pids': read('$control/pids/pids.max') + read('$control/pids.max'),
      'masked': {
        for (final path in ['/proc/kcore', '/proc/keys', '/proc/timer_list', '/proc/sched_debug'])
          path: read(path),
      },
      'writable': writable,
      'env': env,
    });`,
  { imports: "import 'dart:io';" },
);

export const Surroundings = z.object({
  status: z.string(),
  limits: z.string(),
  mounts: z.string(),
  environment: z.string(),
  interfaces: z.string(),
  hosts: z.string(),
  shadow: z.string(),
  memory: z.string(),
  quota: z.string(),
  pids: z.string(),
  masked: z.record(z.string(), z.string()),
  writable: z.array(z.string()),
  env: z.record(z.string(), z.string()),
});
export type Surroundings = z.output<typeof Surroundings>;

/** proc(5), `/proc/pid/status`. */
export function statusOf({ status }: Surroundings, name: string): string {
  const line = status.split("\n").find((each) => each.startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim().replaceAll(/\s+/g, " ") ?? "";
}

/** proc(5), `/proc/pid/limits`: soft and hard. */
export function limitOf({ limits }: Surroundings, name: string): string[] {
  const line = limits.split("\n").find((each) => each.startsWith(name)) ?? "";
  return line.slice(name.length).trim().split(/\s{2,}/).slice(0, 2);
}

export interface SeenMount {
  /** What of its file system is mounted. */
  root: string;
  target: string;
  options: string[];
  type: string;
  /** Options of the file system itself. */
  limits: string[];
}

/** proc(5), `/proc/pid/mountinfo`. */
export function mountsOf({ mounts }: Surroundings): SeenMount[] {
  return mounts.trim().split("\n").map((line) => {
    const [before = "", after = ""] = line.split(" - ");
    const [, , , root = "", target = "", options = ""] = before.split(" ");
    const [type = "", , limits = ""] = after.split(" ");
    return {
      root,
      target,
      options: options.split(","),
      type,
      limits: limits.split(","),
    };
  });
}
