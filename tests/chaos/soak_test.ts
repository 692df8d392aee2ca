/** Mixed load with redeploys for long: what a program holds stays flat. */
import { ok, strictEqual } from "node:assert";
import { dockerEngine } from "../../runtime/engine/docker.ts";
import { LABEL } from "../../runtime/labels.ts";
import { readState } from "../../src/stack/state.ts";
import { plainFunction } from "../support/project.ts";
import { report } from "../support/report.ts";
import { scaled } from "../support/scale.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { PATIENT } from "../support/until.ts";
import { memoryMbOf, pidsOf } from "./support/programs.ts";

/** Of each round: calls of every kind, and a redeploy of one function. */
const ROUNDS = scaled(4, 120);
/** The first ones fill caches and pools. */
const WARM_UP = scaled(2, 20);
const CALLS = 60;

/** What may come and go at any moment, in open files and in containers. */
const SLACK_FILES = 40;
const SLACK_CONTAINERS = 4;

const PROGRAMS = ["gateway", "runtime", "nats"];

interface Holdings {
  files: Record<string, number>;
  memoryMb: Record<string, number>;
  containers: number;
  directories: number;
}

function source(mark: string): Record<string, string> {
  return plainFunction(`
    if (request.query['fail'] == 'yes') throw StateError('asked for');
    return CloudResponse.json({'mark': '${mark}', 'body': request.body});`);
}

async function holdings(stack: TestStack): Promise<Holdings> {
  const state = await readState(stack.home);
  const files: Record<string, number> = {};
  const memoryMb: Record<string, number> = {};
  const pids = await pidsOf(stack);
  for (const name of PROGRAMS) {
    const pid = pids[name] ?? 0;
    files[name] = await entries(`/proc/${pid}/fd`);
    memoryMb[name] = Math.round(await memoryMbOf(pid));
  }
  const engine = dockerEngine({ socketPath: stack.engineSocket });
  const containers = await engine.list({
    [LABEL.installation]: stack.installation,
  });
  return {
    files,
    memoryMb,
    containers: containers.length,
    directories: await entries(state?.functionsDir ?? ""),
  };
}

async function entries(folder: string): Promise<number> {
  return (await Array.fromAsync(Deno.readDir(folder))).length;
}

/** Good, failing, large, asynchronous and refused calls, side by side. */
async function round(stack: TestStack, index: number): Promise<void> {
  const name = `soak-${index % 2}`;
  const deployed = await stack.deploy(name, source(`round ${index}`));
  strictEqual(deployed.status, 201, await deployed.text());
  const calls = Array.from({ length: CALLS }, async (_, at) => {
    const path = [
      `/fn/${name}`,
      `/fn/${name}?fail=yes`,
      "/fn/unknown",
      `/fn/${name}/some/path?a=1&a=2`,
    ][at % 4] ?? "";
    const response = await stack.call("POST", path, {
      body: JSON.stringify("x".repeat(at % 10 === 0 ? 200_000 : 100)),
      headers: {
        "content-type": "application/json",
        ...(at % 15 === 0 && { prefer: "respond-async" }),
      },
    });
    await response.body?.cancel();
    return response.status;
  });
  for (const status of await Promise.all(calls)) {
    ok([200, 202, 404, 429, 500].includes(status), String(status));
  }
}

Deno.test("a soak leaves files, containers and directories as they were", async () => {
  await using stack = await startTestStack("podman", {
    ...PATIENT,
    OCHE_KEEP_VERSIONS: "3",
    // How full the pool happens to be is no growth.
    OCHE_MAX_SANDBOXES: "4",
  });
  for (let index = 0; index < WARM_UP; index++) await round(stack, index);
  const before = await holdings(stack);
  for (let index = WARM_UP; index < ROUNDS; index++) await round(stack, index);
  const after = await holdings(stack);
  report([
    `soak: ${ROUNDS} redeploys, ${ROUNDS * CALLS} calls`,
    `open files ${JSON.stringify(before.files)} → ${
      JSON.stringify(after.files)
    }`,
    `MB ${JSON.stringify(before.memoryMb)} → ${JSON.stringify(after.memoryMb)}`,
    `containers ${before.containers} → ${after.containers}`,
    `directories ${before.directories} → ${after.directories}`,
  ]);
  for (const name of PROGRAMS) {
    const grown = (after.files[name] ?? 0) - (before.files[name] ?? 0);
    ok(grown <= SLACK_FILES, `${name} holds ${grown} more files`);
  }
  ok(after.containers - before.containers <= SLACK_CONTAINERS);
  ok(after.directories - before.directories <= SLACK_CONTAINERS);
});
