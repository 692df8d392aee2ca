/** An embedded Docker: a daemon with storage and socket of its own, and no network rules. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type EngineOptions,
  type EngineProcess,
  startDaemon,
} from "./engine_process.ts";

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
    args: [
      ...["--data-root", data, "--exec-root", exec],
      ...["--host", `unix://${socketPath}`, "--pidfile", `${socketPath}.pid`],
      // Functions run on while the daemon is started again.
      "--live-restore",
      // No function has a network, so the host keeps its own rules.
      ...["--iptables=false", "--bridge=none", "--ip-forward=false"],
    ],
    folders: [data, exec],
    temporary: [exec, `${socketPath}.pid`],
    packages: "docker.io",
  });
}
