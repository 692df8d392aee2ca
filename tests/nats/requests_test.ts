import { deepStrictEqual, rejects, strictEqual } from "node:assert";
import type { Msg, NatsConnection } from "@nats-io/nats-core";
import { AppError } from "../../src/contracts/error.ts";
import { Requests } from "../../src/nats/requests.ts";
import { startTestNats } from "../support/nats_server.ts";

const LONG_MS = 60_000;
const MANY = 20;

const bytes = (text: string) => new TextEncoder().encode(text);

/** What comes is not answered; `all` resolves when so much has come. */
function hold(nc: NatsConnection, subject: string, count: number) {
  const held: Msg[] = [];
  const { promise: all, resolve } = Promise.withResolvers<void>();
  nc.subscribe(subject, {
    callback: (_error, message) => {
      held.push(message);
      if (held.length === count) resolve();
    },
  });
  return { held, all };
}

Deno.test("Requests gives every caller its own answer, in whichever order", async () => {
  await using nats = await startTestNats();
  const { held, all } = hold(nats.nc, "echo", 3);
  const requests = new Requests(nats.nc);
  const asked = ["a", "b", "c"].map((text) =>
    requests.ask("echo", bytes(text), { timeoutMs: LONG_MS })
  );
  await all;
  for (const message of held.reverse()) {
    message.respond(message.data);
    message.respond(bytes("a second answer"));
  }
  const answers = await Promise.all(asked);
  deepStrictEqual(answers.map((each) => each.string()), ["a", "b", "c"]);
});

Deno.test("Requests says at once that nobody listens", async () => {
  await using nats = await startTestNats();
  const requests = new Requests(nats.nc);
  await rejects(
    requests.ask("nobody", bytes(""), { timeoutMs: LONG_MS }),
    { code: "unavailable", message: /none listens/ },
  );
});

Deno.test("Requests waits no longer than it should, and drops a late answer", async () => {
  await using nats = await startTestNats();
  const { held } = hold(nats.nc, "late", 2);
  const requests = new Requests(nats.nc);
  await rejects(requests.ask("late", bytes("1"), { timeoutMs: 50 }), {
    code: "timeout",
  });
  await nats.nc.flush();
  held[0]?.respond(bytes("late"));
  const next = requests.ask("late", bytes("2"), { timeoutMs: LONG_MS });
  await nats.nc.flush();
  held[1]?.respond(bytes("in time"));
  strictEqual((await next).string(), "in time");
});

Deno.test("Requests takes an empty answer for an answer", async () => {
  await using nats = await startTestNats();
  nats.nc.subscribe("empty", {
    callback: (_error, message) => {
      message.respond();
    },
  });
  const requests = new Requests(nats.nc);
  const reply = await requests.ask("empty", bytes(""), { timeoutMs: LONG_MS });
  strictEqual(reply.data.length, 0);
});

Deno.test("Requests that come together are each sent, and each answered", async () => {
  await using nats = await startTestNats();
  nats.nc.subscribe("echo", {
    callback: (_error, message) => {
      message.respond(message.data);
    },
  });
  const requests = new Requests(nats.nc);
  const texts = Array.from({ length: MANY }, (_, index) => `text ${index}`);
  const answers = await Promise.all(
    texts.map((text) =>
      requests.ask("echo", bytes(text), { timeoutMs: LONG_MS })
    ),
  );
  deepStrictEqual(answers.map((each) => each.string()), texts);
});

Deno.test("Requests that wait for others fail with the connection", async () => {
  await using nats = await startTestNats();
  nats.nc.subscribe("silent", { callback: () => {} });
  const requests = new Requests(nats.nc);
  const asked = Array.from(
    { length: MANY },
    () => requests.ask("silent", bytes(""), { timeoutMs: 1_000 }),
  );
  const outcomes = Promise.allSettled(asked);
  await nats.nc.close();
  const refused = (await outcomes).filter(({ status }) =>
    status === "rejected"
  );
  strictEqual(refused.length, MANY);
});

Deno.test("Requests.lose() rejects what is under way, and nothing that comes after", async () => {
  await using nats = await startTestNats();
  const { held, all } = hold(nats.nc, "held", MANY);
  const requests = new Requests(nats.nc);
  const ask = () => requests.ask("held", bytes(""), { timeoutMs: LONG_MS });
  const asked = Promise.allSettled(Array.from({ length: MANY }, ask));
  await all;
  requests.lose(new AppError("unavailable", "It broke"));
  for (const { status } of await asked) strictEqual(status, "rejected");
  const next = ask();
  await nats.nc.flush();
  for (const message of held) message.respond(bytes("an answer"));
  strictEqual((await next).string(), "an answer");
});
