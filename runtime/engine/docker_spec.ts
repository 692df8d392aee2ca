/** A ContainerSpec as the engine's API wants it (Docker Engine API, "ContainerCreate"). */
// @ts-types="@types/dockerode"
import type Docker from "dockerode";
import type { ContainerSpec } from "./engine.ts";

const NANO = 1e9;
/** Threads and processes of one user on the host; the pids limit is what confines. */
const NPROC = 16_384;

export function createOptions(
  spec: ContainerSpec,
): Docker.ContainerCreateOptions {
  const ulimits = { nproc: NPROC, ...spec.ulimits };
  return {
    name: spec.name,
    Image: spec.image,
    ...(spec.command && { Entrypoint: spec.command, Cmd: [] }),
    Labels: spec.labels,
    WorkingDir: spec.workingDir,
    User: spec.user,
    AttachStdin: false,
    AttachStdout: true,
    AttachStderr: true,
    OpenStdin: false,
    Tty: false,
    NetworkDisabled: spec.network === "none",
    HostConfig: {
      Binds: spec.binds.map(({ source, target, readOnly }) =>
        `${source}:${target}:${readOnly ? "ro," : ""}Z,rshared`
      ),
      NetworkMode: spec.network,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      // Private, and without /dev/shm.
      IpcMode: "none",
      ReadonlyRootfs: spec.readOnlyRoot,
      Tmpfs: spec.tmpfs,
      PidsLimit: spec.pidsLimit,
      Memory: spec.memoryBytes,
      MemorySwap: spec.memoryBytes,
      NanoCpus: Math.round(spec.cpus * NANO),
      LogConfig: { Type: "none", Config: {} },
      RestartPolicy: { Name: "no" },
      Ulimits: Object.entries(ulimits).map(([Name, limit]) => ({
        Name,
        Soft: limit,
        Hard: limit,
      })),
      ...(spec.runtime !== undefined && { Runtime: spec.runtime }),
    },
  };
}
