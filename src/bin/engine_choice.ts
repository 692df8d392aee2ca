/** Which container engine a stack uses: a running one, or one of its own. */
import { dockerEngine } from "../../runtime/engine/docker.ts";
import { AppError } from "../contracts/error.ts";
import { startDockerd } from "../stack/dockerd.ts";
import type { EngineOptions } from "../stack/engine_process.ts";
import { startPodman } from "../stack/podman.ts";

const DOCKER_SOCKET = "/var/run/docker.sock";

/** What `OCHE_ENGINE` comes to, before anything is installed or started. */
export type EnginePlan =
  | { embedded: "docker" | "podman" }
  | { embedded?: never; socketPath: string };

export interface StackEngine extends AsyncDisposable {
  socketPath: string;
}

/** `auto`: a running Docker, else an embedded Podman. */
export async function planEngine(choice: string): Promise<EnginePlan> {
  if (choice.startsWith("unix://")) {
    return { socketPath: choice.slice("unix://".length) };
  }
  if (choice === "podman") return { embedded: "podman" };
  if (choice === "embedded-docker") return { embedded: "docker" };
  if (await answers(DOCKER_SOCKET)) return { socketPath: DOCKER_SOCKET };
  return { embedded: choice === "docker" ? "docker" : "podman" };
}

/**
 * @param options Of an embedded engine.
 * @throws {AppError} `unavailable` when it cannot be reached or started
 */
export async function startEngine(
  plan: EnginePlan,
  options: EngineOptions,
): Promise<StackEngine> {
  if (!plan.embedded) {
    await dockerEngine(plan).ping();
    return {
      ...plan,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }
  await checkLimits();
  const start = plan.embedded === "docker" ? startDockerd : startPodman;
  return await start(options);
}

async function answers(socketPath: string): Promise<boolean> {
  try {
    await dockerEngine({ socketPath }).ping();
    return true;
  } catch {
    return false;
  }
}

/** A sandbox without limits is none. */
async function checkLimits(): Promise<void> {
  if (Deno.uid() === 0) return;
  const hasV2 = await Deno.stat("/sys/fs/cgroup/cgroup.controllers")
    .then(() => true, () => false);
  if (hasV2) return;
  throw new AppError(
    "unavailable",
    "Cannot confine functions without root: cgroups v1 give users no limits",
    { hint: "Run as root, or on a machine with cgroups v2" },
  );
}
