import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { SubjectTrigger } from "../../src/contracts/trigger.ts";
import { bootstrap } from "../../src/nats/bootstrap.ts";
import { hasMultiFilter } from "../../src/nats/server_version.ts";
import {
  consumersOf,
  ensureConsumers,
  removeOrphanConsumers,
} from "../../src/nats/trigger_consumers.ts";
import { startTestNats } from "../support/nats_server.ts";

function trigger(subject: string | string[]): SubjectTrigger {
  const at = new Date().toISOString();
  return SubjectTrigger.parse({
    id: "6b0c1f8e-0a5f-4a57-9b3e-3f6f6f0a9a11",
    functionId: crypto.randomUUID(),
    name: "listen",
    type: "subject",
    stream: "S",
    createdAt: at,
    updatedAt: at,
    subject,
  });
}

Deno.test("a server filters by several subjects from 2.10 on", () => {
  for (
    const [version, expected] of [
      ["2.9.10", false],
      ["2.10.0", true],
      ["2.11.4-beta.1", true],
      ["3.0.0", true],
      ["1.99.0", false],
      [undefined, false],
      ["x", false],
    ] as const
  ) strictEqual(hasMultiFilter(version), expected, version);
});

Deno.test("several subjects are one consumer, or one each for an older server", () => {
  const both = consumersOf(trigger(["a", "b.*"]), true);
  strictEqual(both.length, 1);
  deepStrictEqual(both[0]?.filter_subjects, ["a", "b.*"]);
  const each = consumersOf(trigger(["a", "b.*"]), false);
  deepStrictEqual(each.map((c) => c.filter_subject), ["a", "b.*"]);
  strictEqual(new Set(each.map((c) => c.durable_name)).size, 2);
  const one = consumersOf(trigger("a"), true);
  deepStrictEqual(one, consumersOf(trigger("a"), false));
  ok(one[0] && !("filter_subjects" in one[0]));
});

Deno.test("other subjects are other consumers; foreign ones are left alone", async () => {
  await using nats = await startTestNats();
  const { js } = await bootstrap(nats.nc);
  const jsm = await js.jetstreamManager();
  await jsm.streams.add({ name: "S", subjects: ["a", "b"] });
  await jsm.consumers.add("S", { durable_name: "oche-trigger-ish" });
  await jsm.consumers.add("S", { durable_name: "mine" });
  const names = async () =>
    (await Array.fromAsync(jsm.consumers.list("S"))).map(({ name }) => name)
      .toSorted();
  const [first] = await ensureConsumers(jsm, "S", trigger("a"), false);
  const [second] = await ensureConsumers(jsm, "S", trigger("b"), false);
  ok(first !== second);
  deepStrictEqual(
    await names(),
    ["mine", "oche-trigger-ish", second].toSorted(),
  );
  // Just made: perhaps of a trigger that this gateway does not know yet.
  await removeOrphanConsumers(jsm, new Set());
  ok((await names()).includes(second ?? ""));
  await removeOrphanConsumers(jsm, new Set(), Date.now() + 120_000);
  deepStrictEqual(await names(), ["mine", "oche-trigger-ish"]);
});
