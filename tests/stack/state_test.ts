/** The record of a running stack. */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert";
import { stat, writeFile } from "node:fs/promises";
import { identify, isAlive } from "../../src/stack/process.ts";
import {
  endStale,
  readBootId,
  readState,
  removeState,
  type StackState,
  takeStackLock,
  writeState,
} from "../../src/stack/state.ts";
import { temporaryFolder } from "./folder.ts";

async function exampleState(): Promise<StackState> {
  return {
    bootId: await readBootId(),
    supervisor: { pid: 1, startTime: 1 },
    children: [],
    url: "http://127.0.0.1:8080",
    startedAt: new Date().toISOString(),
  };
}

Deno.test("writeState() is read back, privately kept, and removed", async () => {
  await using folder = await temporaryFolder();
  const home = folder.path;
  strictEqual(await readState(home), undefined);
  const state = await exampleState();
  await writeState(home, state);
  deepStrictEqual(await readState(home), state);
  strictEqual((await stat(`${home}/stack.json`)).mode & 0o777, 0o600);
  await removeState(home);
  strictEqual(await readState(home), undefined);
  await writeFile(`${home}/stack.json`, "{}");
  await rejects(readState(home), { code: "invalid" });
});

Deno.test("takeStackLock() tells a second stack where the first one runs", async () => {
  await using folder = await temporaryFolder();
  const home = folder.path;
  {
    await using _lock = await takeStackLock(home);
    await writeState(home, await exampleState());
    await rejects(takeStackLock(home), {
      code: "conflict",
      message:
        `Cannot start Oche in "${home}": it runs already at http://127.0.0.1:8080`,
    });
  }
  await using _again = await takeStackLock(home);
});

Deno.test("takeStackLock() is free again when its holder is killed", async () => {
  await using folder = await temporaryFolder();
  const lock = `${folder.path}/stack.lock`;
  const held = new Deno.Command("flock", {
    args: ["--no-fork", lock, "sh", "-c", "echo held; exec sleep 600"],
    stdout: "piped",
  }).spawn();
  const reader = held.stdout.getReader();
  await reader.read();
  await rejects(takeStackLock(folder.path), { code: "conflict" });
  held.kill("SIGKILL");
  await held.status;
  await reader.cancel();
  await using _lock = await takeStackLock(folder.path);
});

Deno.test("endStale() ends the recorded processes and no other", async () => {
  const mine = new Deno.Command("sleep", { args: ["600"] }).spawn();
  const other = new Deno.Command("sleep", { args: ["600"] }).spawn();
  try {
    const [a, b] = [await identify(mine.pid), await identify(other.pid)];
    ok(a && b);
    const state: StackState = {
      ...await exampleState(),
      children: [
        { name: "mine", ...a },
        { name: "reused", ...b, startTime: b.startTime - 1 },
      ],
    };
    deepStrictEqual(await endStale({ ...state, bootId: "another" }), []);
    deepStrictEqual(await endStale(state), ["mine"]);
    strictEqual(await isAlive(a), false);
    strictEqual(await isAlive(b), true);
  } finally {
    for (const process of [mine, other]) {
      try {
        process.kill("SIGKILL");
      } catch {
        // It has ended already.
      }
      await process.status;
    }
  }
});
