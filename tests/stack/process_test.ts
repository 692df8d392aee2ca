/** Process identities. */
import { ok, strictEqual } from "node:assert";
import { endProcess, identify, isAlive } from "../../src/stack/process.ts";

Deno.test("identify() knows this process and no other by its number", async () => {
  const me = await identify(Deno.pid);
  ok(me);
  strictEqual(await isAlive(me), true);
  strictEqual(await isAlive({ ...me, startTime: me.startTime - 1 }), false);
  strictEqual(await identify(2 ** 22 + 1), undefined);
});

Deno.test("endProcess() ends the process, and spares one that took over its pid", async () => {
  const child = new Deno.Command("sleep", { args: ["600"] }).spawn();
  const process = await identify(child.pid);
  ok(process);
  const other = { ...process, startTime: process.startTime + 1 };
  strictEqual(await endProcess(other), false);
  strictEqual(await isAlive(process), true);
  strictEqual(await endProcess(process), true);
  strictEqual((await child.status).signal, "SIGTERM");
  strictEqual(await endProcess(process), false);
});
