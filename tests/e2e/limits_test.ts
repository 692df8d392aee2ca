/** Rate limits of a gateway process: by address and by key. */
import { match, ok, strictEqual } from "node:assert";
import { startGateways } from "../support/gateways.ts";

/** A burst, then next to nothing: what a slow machine takes does not matter. */
const RATE = "1/h burst 3";

Deno.test("an address is limited; only a trusted proxy may say that it speaks for another", async () => {
  await using gateways = await startGateways(2, { OCHE_RATE_ADDRESS: RATE });
  const [url = ""] = gateways.urls;
  const from = (address: string) =>
    fetch(`${url}/fn/nope`, { headers: { "x-forwarded-for": address } });
  for (let call = 0; call < 3; call++) {
    strictEqual((await drained(from(`192.0.2.${call}`))).status, 401);
  }
  const refused = await from("192.0.2.9");
  strictEqual(refused.status, 429);
  ok(Number(refused.headers.get("retry-after")) > 3_000);
  const problem = await refused.json();
  strictEqual(problem.code, "busy");
  match(problem.hint, /Retry-After/);
  // Not for those who watch over the gateway, and not on another one.
  strictEqual((await drained(fetch(`${url}/healthz`))).status, 200);
  strictEqual(
    (await drained(fetch(`${gateways.urls[1]}/fn/nope`))).status,
    401,
  );
});

Deno.test("behind a trusted proxy each client has its own limit", async () => {
  await using gateways = await startGateways(1, {
    OCHE_RATE_ADDRESS: RATE,
    OCHE_TRUSTED_PROXIES: "127.0.0.0/8",
  });
  const [url = ""] = gateways.urls;
  const from = (address: string) =>
    drained(
      fetch(`${url}/fn/nope`, { headers: { "x-forwarded-for": address } }),
    );
  for (let call = 0; call < 3; call++) {
    strictEqual((await from("192.0.2.1")).status, 401);
  }
  strictEqual((await from("192.0.2.1")).status, 429);
  strictEqual((await from("198.51.100.1, 192.0.2.1")).status, 429);
  strictEqual((await from("192.0.2.2")).status, 401);
});

Deno.test("a key is limited, and another is not", async () => {
  await using gateways = await startGateways(1, { OCHE_RATE_KEY: RATE });
  const [url = ""] = gateways.urls;
  const call = (key: string, init: RequestInit = {}) =>
    fetch(`${url}/api/functions`, {
      ...init,
      headers: { authorization: `Bearer ${key}` },
    });
  const made = await fetch(`${url}/api/keys`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateways.adminKey}` },
    body: JSON.stringify({ name: "ci", scopes: ["read"] }),
  });
  const { key } = await made.json();
  for (let count = 0; count < 3; count++) {
    strictEqual((await drained(call(key))).status, 200);
  }
  strictEqual((await drained(call(key))).status, 429);
  strictEqual((await drained(call(gateways.adminKey))).status, 200);
  // Without a valid key there is none to count against.
  strictEqual((await drained(call("nope"))).status, 401);
});

async function drained(response: Promise<Response>): Promise<Response> {
  const answer = await response;
  await answer.body?.cancel();
  return answer;
}
