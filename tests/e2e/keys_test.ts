/** Keys on two gateways that share a NATS server and nothing else. */
import { ok, strictEqual } from "node:assert";
import { startGateways } from "../support/gateways.ts";

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}

Deno.test("a key that one gateway makes opens the other; a revoke holds on both", async () => {
  await using gateways = await startGateways(2);
  const [first = "", second = ""] = gateways.urls;

  async function call(
    url: string,
    path: string,
    key: string,
    init: RequestInit = {},
  ): Promise<Response> {
    return await fetch(`${url}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${key}` },
    });
  }
  /** Waits until the answer has that status. @returns how long it took, in ms */
  async function until(url: string, key: string, status: number) {
    const begun = performance.now();
    for (;;) {
      const response = await call(url, "/api/functions", key);
      await response.body?.cancel();
      const took = performance.now() - begun;
      if (response.status === status) return took;
      ok(took < 30_000, `no ${status} but ${response.status}`);
    }
  }

  const made = await call(first, "/api/keys", gateways.adminKey, {
    method: "POST",
    body: JSON.stringify({ name: "ci", scopes: ["read"] }),
  });
  strictEqual(made.status, 201);
  const { id, key } = await made.json();
  for (const url of gateways.urls) await until(url, key, 200);

  const revoked = await call(second, `/api/keys/${id}`, gateways.adminKey, {
    method: "DELETE",
  });
  strictEqual(revoked.status, 204);
  for (const url of gateways.urls) {
    const took = await until(url, key, 401);
    print(`Revoked on ${url} after ${took.toFixed(0)} ms\n`);
  }

  // A key that never existed, and the admin key, leave no trace either.
  const logs = await gateways.logs();
  ok(logs.includes("Gateway listens"));
  ok(!logs.includes(key) && !logs.includes(gateways.adminKey));
});
