import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert";
import { jetstreamManager } from "@nats-io/jetstream";
import type { DeadLetter } from "../../src/contracts/dead.ts";
import type { RetryPolicy } from "../../src/contracts/retry.ts";
import { eventually, startAsync } from "../support/async.ts";

const LARGE = "x".repeat(1_500_000);
const ONE_ATTEMPT: RetryPolicy = {
  maxAttempts: 1,
  initialDelayMs: 1,
  factor: 1,
  maxDelayMs: 1,
  jitter: 0,
  on: ["5xx"],
  maxAgeMs: 60_000,
};

function request(body: string) {
  return { method: "POST", path: "/", headers: {}, query: {}, body };
}

Deno.test("a full queue refuses callers with busy, has room for what follows from other work, and takes callers again later", async () => {
  await using test = await startAsync({ maxQueued: 2 });
  const id = await test.deployed("hello");
  const first = await test.submit(id);
  await test.submit(id);
  const busy = await eventually(
    "a refusal",
    () =>
      test.submit(id, { notBefore: Date.now() + 3_600_000 }).then(
        () => undefined,
        (error) => error,
      ),
  );
  deepStrictEqual([busy.code, busy.retryAfter], ["busy", 5]);
  const chained = await test.submit(id, { source: { type: "chain" } });
  await rejects(test.submit(id), { code: "busy" });
  await test.take(() => undefined);
  await test.ended(first);
  await test.ended(chained);
  await eventually("room", () => test.submit(id).catch(() => undefined));
});

Deno.test("the stream itself has an end: past it nobody is accepted", async () => {
  await using test = await startAsync({ maxQueued: 1 });
  const id = await test.deployed("hello");
  const source = { type: "chain" as const };
  await test.submit(id, { source });
  await test.submit(id, { source });
  await rejects(test.submit(id, { source }), { code: "busy", retryAfter: 5 });
});

Deno.test("a request over a message's size lies beside it until the invocation has ended", async () => {
  await using test = await startAsync();
  const id = await test.deployed("hello");
  const jsm = await jetstreamManager(test.nats.nc);
  const stored = async () =>
    (await jsm.streams.info("OBJ_oche_payloads")).state.bytes;
  const invocation = await test.submit(id, {
    request: request(LARGE),
    invocationId: "large",
  });
  ok(await stored() > LARGE.length);
  await test.submit(id, { request: request(LARGE), invocationId: "large" });
  ok(await stored() < 2 * LARGE.length, "the duplicate's is not kept");
  let length = 0;
  await test.take(({ request: { body } }) => {
    length = String(body).length;
  });
  await test.ended(invocation);
  strictEqual(length, LARGE.length);
  await eventually(
    "that it is gone",
    async () => await stored() < LARGE.length / 2,
  );
});

Deno.test("a large request that was given up runs again from its dead letter", async () => {
  await using test = await startAsync();
  const id = await test.deployed("broken", { retry: ONE_ATTEMPT });
  await test.take(() => ({ statusCode: 500 }));
  const invocation = await test.submit(id, { request: request(LARGE) });
  await test.ended(invocation);
  const letter = await eventually(
    "the letter",
    () => test.stores.dead.find(invocation),
  );
  strictEqual(String(letter.message?.request.body).length, LARGE.length);
  await test.stores.dead.remove(invocation);
  strictEqual(await test.stores.dead.find(invocation), undefined);
});

Deno.test("nothing of a request, an answer or an error lies in the streams as it is", async () => {
  await using test = await startAsync();
  const marker = `marker-${crypto.randomUUID()}`;
  const id = await test.deployed("hello", { retry: ONE_ATTEMPT });
  await test.submit(id, {
    request: request(marker),
    notBefore: Date.now() + 3_600_000,
  });
  const dead = await test.submit(id, { request: request(marker) });
  await test.take(({ request: { body } }) => ({ statusCode: 500, body }));
  await test.ended(dead);
  await eventually("the letter", () => test.stores.dead.find(dead));
  const jsm = await jetstreamManager(test.nats.nc);
  let seen = 0;
  for (const name of ["OCHE_ASYNC", "OCHE_DEAD", "KV_oche_invocations"]) {
    const { state } = await jsm.streams.info(name);
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const message = await jsm.streams.getMessage(name, { seq })
        .catch(() => null);
      if (!message) continue;
      seen++;
      const text = new TextDecoder("latin1").decode(message.data);
      strictEqual(text.includes(marker), false, name);
      strictEqual(text.includes(btoa(marker).slice(0, 20)), false, name);
    }
  }
  ok(seen >= 3);
});

Deno.test("invocations are listed newest first, by state and page by page", async () => {
  await using test = await startAsync();
  const id = await test.deployed("hello");
  const other = await test.deployed("other");
  await test.submit(other, { notBefore: Date.now() + 3_600_000 });
  const done: string[] = [];
  await test.take(() => undefined);
  for (let i = 0; i < 5; i++) done.push(await test.submit(id));
  for (const each of done) await test.ended(each);
  const waiting = await test.submit(id, { notBefore: Date.now() + 3_600_000 });
  const { async: port } = test.stores;
  const all = await port.list(id, { limit: 50 });
  deepStrictEqual(
    all.invocations.map((each) => each.id).sort(),
    [waiting, ...done].sort(),
  );
  const times = all.invocations.map(({ createdAt }) => createdAt);
  deepStrictEqual(times, times.toSorted().reverse());
  strictEqual(all.next, undefined);
  const queued = await port.list(id, { limit: 50, state: "queued" });
  deepStrictEqual(queued.invocations.map((each) => each.id), [waiting]);
  const paged: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await port.list(id, {
      limit: 2,
      ...(cursor !== undefined && { cursor }),
    });
    ok(page.invocations.length <= 2);
    paged.push(...page.invocations.map((each) => each.id));
    cursor = page.next;
  } while (cursor !== undefined);
  deepStrictEqual(paged, all.invocations.map((each) => each.id));
  await rejects(port.list(id, { limit: 2, cursor: "nope" }), {
    code: "invalid",
  });
});

Deno.test("dead letters are found by function, reason and age, oldest first", async () => {
  await using test = await startAsync();
  const { dead } = test.stores;
  const [a, b] = [crypto.randomUUID(), crypto.randomUUID()];
  const letter = (
    id: string,
    functionId: string,
    reason: DeadLetter["reason"],
    ageMs: number,
  ): DeadLetter => ({
    id,
    functionId,
    reason,
    attempts: 1,
    deadAt: new Date(Date.now() - ageMs).toISOString(),
  });
  await dead.add(letter("1", a, "exhausted", 10_000_000));
  await dead.add(letter("2", a, "expired", 1_000));
  await dead.add(letter("3", b, "exhausted", 1_000));
  await dead.add(letter("3", b, "exhausted", 1_000));
  const ids = async (filter: Parameters<typeof dead.list>[0]) => {
    const { letters, more } = await dead.list(filter);
    return [letters.map(({ id }) => id).join(), more];
  };
  deepStrictEqual(await ids({ limit: 10 }), ["1,2,3", false]);
  deepStrictEqual(await ids({ limit: 2 }), ["1,2", true]);
  deepStrictEqual(await ids({ limit: 10, functionId: a }), ["1,2", false]);
  deepStrictEqual(
    await ids({ limit: 10, reason: "exhausted" }),
    ["1,3", false],
  );
  deepStrictEqual(
    await ids({ limit: 10, olderThanMs: 3_600_000 }),
    ["1", false],
  );
  await dead.remove("1");
  await dead.remove("1");
  deepStrictEqual(await ids({ limit: 10 }), ["2,3", false]);
});

Deno.test("submit() refuses a function that is not there, and a start in the far future", async () => {
  await using test = await startAsync();
  await rejects(test.submit(crypto.randomUUID()), { code: "not_found" });
  const id = await test.deployed("hello");
  await rejects(
    test.submit(id, { notBefore: Date.now() + 31 * 86_400_000 }),
    { code: "invalid" },
  );
});

Deno.test("reading leaves no consumer behind", async () => {
  await using test = await startAsync();
  const id = await test.deployed("hello");
  await test.submit(id, { notBefore: Date.now() + 3_600_000 });
  await test.stores.async.list(id, { limit: 10 });
  await test.stores.dead.list({ limit: 10 });
  const jsm = await jetstreamManager(test.nats.nc);
  for (const name of ["OCHE_ASYNC", "OCHE_DEAD", "KV_oche_invocations"]) {
    strictEqual((await jsm.streams.info(name)).state.consumer_count, 0, name);
  }
});
