/** An embedded Docker: a daemon with storage and socket of its own, and no network rules. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { findRuntime } from "./container_runtime.ts";
import {
  type EngineOptions,
  type EngineProcess,
  startDaemon,
} from "./engine_process.ts";
import { packagesFor } from "./packages.ts";

/**
 * A daemon that was killed leaves its containerd, and the next one would wait
 * a quarter of a minute for that to answer.
 */
const END_STALE_CONTAINERD = 'pid=$(cat "$0" 2>/dev/null) && ' +
  '[ "$(cat "/proc/$pid/comm" 2>/dev/null)" = containerd ] && ' +
  'kill -KILL "$pid"; rm -f "$0"; exec "$@"';

/** @throws {AppError} `unavailable` */
export async function startDockerd(
  options: EngineOptions,
): Promise<EngineProcess> {
  const { root, socketPath } = options;
  const data = join(root, "data");
  // containerd's sockets lie below it, and their paths have to be short.
  const exec = `${socketPath}.exec`;
  await mkdir(data, { recursive: true });
  return await startDaemon(options, {
    name: "dockerd",
    command: "dockerd",
    before: [END_STALE_CONTAINERD, `${exec}/containerd/containerd.pid`],
    args: [
      ...["--data-root", data, "--exec-root", exec],
      ...["--host", `unix://${socketPath}`, "--pidfile", `${socketPath}.pid`],
      // Functions run on while the daemon is started again.
      "--live-restore",
      // No function has a network, so the host keeps its own rules.
      ...["--iptables=false", "--bridge=none", "--ip-forward=false"],
      ...await runtimeArgs(options.runtime),
    ],
    folders: [data, exec],
    temporary: [exec, `${socketPath}.pid`],
    packages: packagesFor({ engine: "docker" }),
  });
}

/** Makes a runtime known that this one does not know by itself. */
async function runtimeArgs(name: string | undefined): Promise<string[]> {
  if (name === undefined || name === "runc") return [];
  return ["--add-runtime", `${name}=${await findRuntime(name)}`];
}
