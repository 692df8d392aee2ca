/** An embedded Podman: its API service with storage, configuration and socket of its own. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findRuntime } from "./container_runtime.ts";
import {
  type EngineOptions,
  type EngineProcess,
  startDaemon,
} from "./engine_process.ts";
import { packagesFor } from "./packages.ts";

/**
 * `runc`, as the other runtime refuses hosts with both versions of cgroups.
 * Limits beyond what the process itself has would be refused as well. The
 * host's names are not for sandboxes.
 */
const CONFIGURATION = `[containers]
default_ulimits=["nofile=1024:1024","nproc=4096:4096"]
no_hosts=true
[engine]
cgroup_manager="cgroupfs"
events_logger="file"
`;

/** @throws {AppError} `unavailable` */
export async function startPodman(
  options: EngineOptions,
): Promise<EngineProcess> {
  const { root, socketPath, runtime } = options;
  const configuration = join(root, "containers.conf");
  const folders = ["storage", "run", "tmp"].map((name) => join(root, name));
  const [storage = "", run = "", tmp = ""] = folders;
  for (const folder of folders) await mkdir(folder, { recursive: true });
  await writeFile(configuration, await configure(runtime));
  return await startDaemon(options, {
    name: "podman",
    command: "podman",
    args: [
      ...["--root", storage, "--runroot", run, "--tmpdir", tmp],
      ...["system", "service", "--time=0", `unix://${socketPath}`],
    ],
    env: { CONTAINERS_CONF: configuration },
    // Its monitor leaves a file where it was started when memory runs out.
    cwd: tmp,
    folders,
    packages: packagesFor({ engine: "podman" }),
  });
}

async function configure(runtime: string | undefined): Promise<string> {
  if (runtime === undefined) return `${CONFIGURATION}runtime="runc"\n`;
  const program = await findRuntime(runtime);
  return `${CONFIGURATION}runtime="${runtime}"
[engine.runtimes]
"${runtime}"=["${program}"]
`;
}
