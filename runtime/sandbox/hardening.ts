/** The security settings of every sandbox, in one place. */
import { ENCODING_FACTOR } from "../../src/contracts/body.ts";
import type { ContainerSpec } from "../engine/engine.ts";

/** No account of the host or of the image. */
export const SANDBOX_USER = "65532:65532";

const MB = 1024 * 1024;
const TMP_MB = 16;
const MAX_OPEN_FILES = 256;
/** There, and of no use. */
const SEALED = "ro,nosuid,nodev,noexec,mode=555,size=4k";

export interface HardeningOptions {
  memoryMb: number;
  cpus: number;
  pidsLimit: number;
  /** The largest file that it may write, in bytes. */
  maxFileBytes: number;
  containerRuntime?: string | undefined;
}

/** What result.json may hold, or a file in /tmp, in bytes. */
export function maxFileBytes(
  { maxResultBytes }: { maxResultBytes: number },
): number {
  return Math.max(TMP_MB * MB, ENCODING_FACTOR * maxResultBytes);
}

/** What a container is made with, whatever runs in it. */
export function harden(
  { memoryMb, cpus, pidsLimit, maxFileBytes, containerRuntime }:
    HardeningOptions,
): Pick<
  ContainerSpec,
  | "memoryBytes"
  | "cpus"
  | "pidsLimit"
  | "user"
  | "network"
  | "tmpfs"
  | "readOnlyRoot"
  | "ulimits"
  | "runtime"
> {
  return {
    memoryBytes: memoryMb * MB,
    cpus,
    pidsLimit,
    user: SANDBOX_USER,
    network: "none",
    readOnlyRoot: true,
    tmpfs: {
      "/tmp": `rw,nosuid,nodev,noexec,mode=1777,size=${TMP_MB}m`,
      // Podman would mount both for anybody to write to, without a limit.
      "/run": SEALED,
      "/var/tmp": SEALED,
    },
    ulimits: {
      nofile: MAX_OPEN_FILES,
      fsize: maxFileBytes,
      core: 0,
      // Of all sandboxes together, as they are one user to the kernel.
      msgqueue: 0,
    },
    ...(containerRuntime !== undefined && { runtime: containerRuntime }),
  };
}
