/** The parts of a running stack, found by its record, and what is done to them. */
import { ok } from "node:assert";
import { dockerEngine } from "../../../runtime/engine/docker.ts";
import { LABEL } from "../../../runtime/labels.ts";
import { identify } from "../../../src/stack/process.ts";
import { readState } from "../../../src/stack/state.ts";
import type { TestStack } from "../../support/stack.ts";
import { until } from "../../support/until.ts";

export const PROGRAMS = ["gateway", "runtime", "nats", "engine"] as const;
export type Program = typeof PROGRAMS[number];
export type Part = Program | "sandbox";

/** How a part is hurt. */
export const FAULTS = ["SIGKILL", "SIGTERM", "SIGSTOP"] as const;
export type Fault = typeof FAULTS[number];

/** How long a stopped process is left so, in milliseconds. */
const STOPPED_MS = 2_000;

/**
 * Hurts a part; resolves when it is back: started again by its supervisor, or
 * going on. A sandbox has no supervisor: the next call is what starts one.
 */
export async function hurt(
  stack: TestStack,
  part: Part,
  fault: Fault,
): Promise<void> {
  if (part === "sandbox") return await hurtSandboxes(stack, fault);
  const pid = await pidOf(stack, part);
  Deno.kill(pid, fault);
  if (fault === "SIGSTOP") await goOn([pid]);
  else await until(async () => await pidOf(stack, part) !== pid);
}

/** Every one that runs a function, through its first process. */
async function hurtSandboxes(stack: TestStack, fault: Fault): Promise<void> {
  const pids = await sandboxPids(stack);
  ok(pids.length > 0, "no sandbox to hurt");
  for (const pid of pids) Deno.kill(pid, fault);
  if (fault === "SIGSTOP") await goOn(pids);
}

/** The stop has to last: what it delays is what the test looks at. */
async function goOn(pids: number[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, STOPPED_MS);
  await promise;
  for (const pid of pids) Deno.kill(pid, "SIGCONT");
}

/** Waits for one that lives: while it is started again there is none. */
export async function pidOf(stack: TestStack, name: Program): Promise<number> {
  let pid = 0;
  await until(async () => {
    const state = await readState(stack.home);
    const child = state?.children.find((each) => each.name === name);
    const found = child && await identify(child.pid);
    if (found?.startTime !== child?.startTime) return false;
    pid = found?.pid ?? 0;
    return pid > 0;
  });
  return pid;
}

/** First processes of containers with a function, by the engine's own word. */
async function sandboxPids(stack: TestStack): Promise<number[]> {
  const engine = dockerEngine({ socketPath: stack.engineSocket });
  const names =
    (await engine.list({ [LABEL.installation]: stack.installation }))
      .filter(({ labels }) => labels[LABEL.function] !== undefined)
      .map(({ id }) => id);
  const pids: number[] = [];
  for (const id of names) {
    const response = await fetchUnix(
      stack.engineSocket,
      `/containers/${id}/json`,
    );
    if (response > 0) pids.push(response);
  }
  return pids;
}

async function fetchUnix(socket: string, path: string): Promise<number> {
  const client = Deno.createHttpClient({
    proxy: { transport: "unix", path: socket },
  });
  try {
    const response = await fetch(`http://engine${path}`, { client });
    const { State } = await response.json();
    return State?.Pid ?? 0;
  } finally {
    client.close();
  }
}
