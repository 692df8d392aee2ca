import { doesNotThrow, match, strictEqual, throws } from "node:assert";
import { AppError } from "../../src/contracts/error.ts";
import { BUCKET, STREAM } from "../../src/nats/subject.ts";
import {
  checkListen,
  checkPublish,
  checkStream,
  overlap,
} from "../../src/trigger/subject_rules.ts";

function refusal(check: (subject: string) => void, subject: string): AppError {
  let thrown: unknown;
  throws(() => check(subject), (error) => {
    thrown = error;
    return error instanceof AppError && error.code === "invalid";
  }, subject);
  return AppError.from(thrown);
}

Deno.test("patterns overlap where one message could match both", () => {
  for (
    const [a, b, expected] of [
      ["a.b", "a.b", true],
      ["a.b", "a.c", false],
      ["a.*", "a.b", true],
      ["a.*", "a.b.c", false],
      ["a.>", "a.b.c", true],
      ["a.>", "a", false],
      ["*.b", "a.*", true],
      [">", "x", true],
      ["a.*.c", "a.b.d", false],
    ] as const
  ) {
    strictEqual(overlap(a, b), expected, `${a} ${b}`);
    strictEqual(overlap(b, a), expected, `${b} ${a}`);
  }
});

Deno.test("subjects of the system are refused, also where a wildcard meets them", () => {
  for (
    const subject of [
      "functions.deploy.>",
      "functions.invoke.hello",
      "functions.async.x.y",
      "functions.*",
      "functions.*.x",
      "$JS.API.>",
      "$KV.oche_functions.>",
      "$O.x",
      "$SYS.>",
      "$SRV.PING",
      "_INBOX.abc",
      ">",
      "*.x",
    ]
  ) {
    match(refusal(checkListen, subject).message, /is the system's$/);
  }
  for (const subject of ["functions.event.trigger.fired", "$KV.x.y"]) {
    match(refusal(checkPublish, subject).message, /^Cannot publish on/);
  }
});

Deno.test("other subjects are taken, and lifecycle events may be listened to", () => {
  for (
    const subject of [
      "orders",
      "orders.*.paid",
      "orders.>",
      "functions.event.>",
      "functions.event.function.deployed",
      "functionsx.y",
    ]
  ) {
    doesNotThrow(() => checkListen(subject), subject);
  }
  doesNotThrow(() => checkPublish("orders.paid"));
});

Deno.test("a wildcard within a token is refused", () => {
  for (const subject of ["orders.a*", "a.>.b", "a.>b"]) {
    match(refusal(checkListen, subject).message, /is no wildcard there$/);
  }
});

Deno.test("streams of the system are refused, but for that of the events", () => {
  const own = [
    ...Object.values(STREAM).filter((name) => name !== STREAM.event),
    ...Object.values(BUCKET).flatMap((name) => [`KV_${name}`, `OBJ_${name}`]),
  ];
  for (const name of own) {
    match(refusal(checkStream, name).message, /it is the system's$/);
  }
  for (const name of [STREAM.event, "ORDERS", "KV_mine"]) {
    doesNotThrow(() => checkStream(name), name);
  }
});
