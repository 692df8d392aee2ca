import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { hashKey } from "../../src/auth/api_key.ts";
import { testGateway } from "../support/gateway.ts";

const DAILY = {
  name: "daily",
  type: "cron",
  expression: "30 2 * * *",
  timeZone: "Europe/Berlin",
};

async function add(trigger: unknown): Promise<Response> {
  const gateway = testGateway();
  await gateway.deployed("report");
  return await gateway.call("POST", "/api/functions/report/triggers", {
    body: JSON.stringify(trigger),
  });
}

Deno.test("a cron trigger tells when it fires next", async () => {
  const gateway = testGateway();
  await gateway.deployed("report");
  const made = await gateway.call("POST", "/api/functions/report/triggers", {
    body: JSON.stringify(DAILY),
  });
  strictEqual(made.status, 201);
  for (const path of ["/api/functions/report/triggers", "/api/triggers"]) {
    const answer = await gateway.call("GET", `${path}/daily/next?count=3`);
    strictEqual(answer.status, 200);
    const { next } = await answer.json();
    strictEqual(next.length, 3);
    ok(Date.parse(next[0]) > Date.now());
    for (const time of next) match(time, /T0[01]:30:00\.000Z$/);
  }
});

Deno.test("only a cron trigger has times", async () => {
  const gateway = testGateway();
  await gateway.deployed("report");
  await gateway.call("POST", "/api/functions/report/triggers", {
    body: JSON.stringify({ name: "s", type: "subject", subject: "a.b" }),
  });
  const answer = await gateway.call("GET", "/api/triggers/s/next");
  strictEqual(answer.status, 400);
});

Deno.test("a wrong expression, time zone or subject is refused at creation, with a hint", async () => {
  for (
    const [trigger, words] of [
      [{ ...DAILY, expression: "0 25 * * *" }, /field 2, hour, is "25"/],
      [{ ...DAILY, timeZone: "Mars/Base" }, /time zone "Mars\/Base"/],
      [{ name: "s", type: "subject", subject: "functions.>" }, /system's/],
      [{ name: "s", type: "subject", subject: ["a", "$JS.>"] }, /system's/],
      [
        { name: "c", type: "chain", to: { subject: "functions.deploy.x" } },
        /system's/,
      ],
    ] as const
  ) {
    const answer = await add(trigger);
    strictEqual(answer.status, 400);
    const { detail, hint } = await answer.json();
    match(detail, words);
    ok(hint);
  }
});

Deno.test("a change is held to the same rules", async () => {
  const gateway = testGateway();
  await gateway.deployed("report");
  await gateway.call("POST", "/api/functions/report/triggers", {
    body: JSON.stringify(DAILY),
  });
  const patch = (change: unknown) =>
    gateway.call("PATCH", "/api/triggers/daily", {
      body: JSON.stringify(change),
    });
  strictEqual((await patch({ expression: "* * *" })).status, 400);
  const changed = await patch({ expression: "@hourly", timeZone: null });
  strictEqual(changed.status, 200);
  const { expression, timeZone } = await changed.json();
  deepStrictEqual([expression, timeZone], ["@hourly", "UTC"]);
});

Deno.test("a key that is limited to functions makes no trigger that reaches others", async () => {
  const gateway = testGateway();
  await gateway.deployed("report");
  await gateway.deployed("other");
  await gateway.deps.keyStore.add({
    id: "limited",
    name: "limited",
    sha256: hashKey("limited-key"),
    scopes: ["deploy"],
    functions: ["report*"],
    createdAt: new Date().toISOString(),
  });
  const add = async (name: string, settings: Record<string, unknown>) => {
    const answer = await gateway.call(
      "POST",
      "/api/functions/report/triggers",
      { key: "limited-key", body: JSON.stringify({ name, ...settings }) },
    );
    return answer.status;
  };
  const subject = { type: "subject", subject: "functions.event.>" };
  strictEqual(
    await add("a", { type: "chain", to: { function: "other" } }),
    403,
  );
  strictEqual(
    await add("b", { type: "chain", to: { function: "report" } }),
    201,
  );
  strictEqual(await add("c", subject), 403);
  strictEqual(await add("d", { ...subject, subject: "orders.>" }), 201);
  for (
    const [name, change] of [
      ["b", { to: { function: "other" } }],
      ["d", { subject: "functions.event.function.deployed" }],
    ] as const
  ) {
    const answer = await gateway.call("PATCH", `/api/triggers/${name}`, {
      key: "limited-key",
      body: JSON.stringify(change),
    });
    strictEqual(answer.status, 403, name);
  }
});
