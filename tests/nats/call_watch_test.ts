/** What becomes of a call whose runtime is gone, and of one that takes long. */
import { rejects, strictEqual } from "node:assert";
import { AppError } from "../../src/contracts/error.ts";
import { CallWatch, HeldCalls } from "../../src/nats/call_watch.ts";
import { connectNats } from "../../src/nats/connect.ts";
import { startTestNats } from "../support/nats_server.ts";

/** Three of them are longer than an answer takes on a busy machine. */
const ROUND = { roundMs: 500 };
/** Longer than a call that nobody holds is waited for: five rounds. */
const LONG_MS = 3_000;

Deno.test("CallWatch.watch() gives a call up that no runtime holds", async () => {
  await using nats = await startTestNats();
  const watch = new CallWatch(nats.nc, ROUND);
  const answer = Promise.withResolvers<string>();
  await rejects(
    watch.watch(watch.nextId(), answer.promise),
    (error) => error instanceof AppError && error.code === "unavailable",
  );
});

Deno.test("CallWatch.watch() waits for a call that a runtime holds, and not when that dies", async () => {
  await using nats = await startTestNats();
  const runtime = await connectNats(nats.url, "runtime");
  const other = await connectNats(nats.url, "other runtime");
  using _none = new HeldCalls(other);
  const held = new HeldCalls(runtime);
  const watch = new CallWatch(nats.nc, ROUND);
  const [first, second] = [watch.nextId(), watch.nextId()];
  const firstHeld = held.hold(first);
  held.hold(second);
  const long = new Promise<string>((resolve) =>
    setTimeout(() => resolve("done"), LONG_MS)
  );
  strictEqual(await watch.watch(first, long), "done");
  held.release(firstHeld);
  const lost = watch.watch(second, new Promise(() => {}));
  await runtime.close();
  await rejects(lost, { code: "unavailable" });
  await other.close();
});

Deno.test("CallWatch hears only ids, whoever publishes", async () => {
  await using nats = await startTestNats();
  const { nc } = nats;
  const watch = new CallWatch(nc, ROUND);
  const garbage = nc.subscribe("functions.calls", {
    callback: (_error, message) => {
      for (const text of ["{", "[1]", '["unknown"]', "null"]) {
        message.respond(text);
      }
    },
  });
  await rejects(watch.watch(watch.nextId(), new Promise(() => {})), {
    code: "unavailable",
  });
  garbage.unsubscribe();
});
