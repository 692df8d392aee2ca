/** Which version a call means, also where this runtime has not heard of it yet. */
import { deepStrictEqual, rejects } from "node:assert";
import { resolveVersion } from "../../../runtime/invoke/resolve.ts";
import { bootstrap } from "../../../src/nats/bootstrap.ts";
import { KvRegistry } from "../../../src/store/registry.ts";
import { startTestNats } from "../../support/nats_server.ts";

const SHA = "0".repeat(64);

Deno.test("resolveVersion() finds what was deployed a moment ago", async () => {
  await using nats = await startTestNats();
  const { functions } = await bootstrap(nats.nc);
  await using one = await KvRegistry.open(functions);
  const { id } = await one.ensure("hello", {});
  await one.addVersion(id, SHA);
  // It hears of nothing any more.
  const late = await KvRegistry.open(functions);
  await late.list();
  await late[Symbol.asyncDispose]();
  for (const wanted of [undefined, 1]) {
    await rejects(resolveVersion(late, "hello", wanted), { code: "not_found" });
  }
  await one.updateVersion(id, 1, { status: "ready" });
  await one.setCurrent(id, 1);
  for (const wanted of [undefined, 1]) {
    const { record, version } = await resolveVersion(late, "hello", wanted);
    deepStrictEqual([record.id, version.version], [id, 1]);
  }
  await rejects(resolveVersion(late, "hello", 2), {
    message: /version 2 of "hello": it is unknown/,
  });
  await rejects(resolveVersion(late, "other", undefined), {
    code: "not_found",
  });
});
