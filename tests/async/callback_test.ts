import { deepStrictEqual, strictEqual } from "node:assert";
import type { Callbacks, Told } from "../../src/contracts/callback.ts";
import { eventually, startAsync } from "../support/async.ts";

/** Answers in turn; the last one again and again. */
function answering(...answers: Told[]): Callbacks & { tries: number } {
  const callbacks = {
    tries: 0,
    tell: () => {
      const told = answers[Math.min(callbacks.tries++, answers.length - 1)];
      return told ? Promise.resolve(told) : Promise.reject(new Error("none"));
    },
  };
  return callbacks;
}

const REFUSED: Told = {
  kind: "refused",
  error: "no",
  isFinal: false,
  retryAfterMs: 0,
};

Deno.test("an outcome is told again until it is heard, and then its message goes", async () => {
  await using test = await startAsync();
  const id = await test.deployed("hello");
  const invocation = await test.submit(id, {
    callback: { url: "https://receiver.test/" },
  });
  const callbacks = answering(REFUSED, { kind: "delivered" });
  await test.take(() => undefined, { callbacks });
  await test.ended(invocation);
  const record = await eventually("the callback", async () => {
    const found = await test.stores.async.find(invocation);
    return found?.callback?.status === "delivered" ? found : undefined;
  });
  strictEqual(record.state, "succeeded");
  strictEqual(record.callback?.attempts, 2);
  strictEqual(callbacks.tries, 2);
  strictEqual(test.calls.length, 1);
  await eventually(
    "an empty queue",
    async () => (await test.stores.queue.waiting(id)).length === 0,
  );
});

Deno.test("an outcome that nobody may be told is given up at once, and is an outcome all the same", async () => {
  await using test = await startAsync();
  const id = await test.deployed("hello");
  const invocation = await test.submit(id, {
    callback: { url: "https://receiver.test/" },
  });
  await test.take(() => undefined, {
    callbacks: answering({ ...REFUSED, isFinal: true }),
  });
  const record = await eventually("the callback", async () => {
    const found = await test.stores.async.find(invocation);
    return found?.callback?.status === "failed" ? found : undefined;
  });
  deepStrictEqual([record.state, record.callback?.error], ["succeeded", "no"]);
});

Deno.test("a runtime that dies while it tells leaves it to another one", async () => {
  await using test = await startAsync();
  const id = await test.deployed("hello");
  const invocation = await test.submit(id, {
    callback: { url: "https://receiver.test/" },
  });
  const asked = Promise.withResolvers<void>();
  const first = await test.take(() => undefined, {
    callbacks: {
      tell() {
        asked.resolve();
        return new Promise(() => {});
      },
    },
  });
  await asked.promise;
  await first.kill();
  const callbacks = answering({ kind: "delivered" });
  await test.take(() => undefined, { callbacks });
  await eventually(
    "the callback",
    async () =>
      (await test.stores.async.find(invocation))?.callback?.status ===
        "delivered",
  );
  strictEqual(test.calls.length, 1);
});

Deno.test("what follows is told of every end, before the message goes", async () => {
  await using test = await startAsync();
  const id = await test.deployed("hello");
  const invocation = await test.submit(id, { hops: 3 });
  const followed: unknown[] = [];
  let fails = true;
  await test.take(() => undefined, {
    followUps: [(record, message) => {
      followed.push([record.id, record.state, message.hops]);
      if (!fails) return Promise.resolve();
      fails = false;
      return Promise.reject(new Error("not yet"));
    }],
  });
  await eventually(
    "an empty queue",
    async () =>
      (await test.stores.async.find(invocation))?.state === "succeeded" &&
      (await test.stores.queue.waiting(id)).length === 0,
  );
  deepStrictEqual(followed, [
    [invocation, "succeeded", 3],
    [invocation, "succeeded", 3],
  ]);
});
