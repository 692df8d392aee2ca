import { strictEqual } from "node:assert";
import { KEY, testGateway } from "../support/gateway.ts";

/** Every route with the scope that it asks for. */
const ROUTES: [method: string, path: string, scope: keyof typeof KEY][] = [
  ["GET", "/api/functions", "read"],
  ["GET", "/api/functions/hello", "read"],
  ["GET", "/api/functions/hello/versions", "read"],
  ["GET", "/api/functions/hello/logs", "read"],
  ["POST", "/api/functions/hello/invoke", "invoke"],
  ["POST", "/api/functions/hello/deployments", "deploy"],
  ["POST", "/api/functions/hello/rollback", "deploy"],
  ["DELETE", "/api/functions/hello", "deploy"],
  ["GET", "/fn/hello", "invoke"],
  ["POST", "/fn/hello/path", "invoke"],
];

for (const [method, path, scope] of ROUTES) {
  Deno.test(`${method} ${path} asks for a key with the scope ${scope}`, async () => {
    const gateway = testGateway();
    await gateway.deployed("hello");
    const without = await gateway.call(method, path, { key: "" });
    strictEqual(without.status, 401);
    strictEqual((await without.json()).code, "unauthenticated");
    const wrong = await gateway.call(method, path, { key: "no-such-key" });
    strictEqual(wrong.status, 401);
    for (const [other, key] of Object.entries(KEY)) {
      const { status } = await gateway.call(method, path, { key });
      const allowed = other === scope || other === "admin";
      strictEqual(status === 403, !allowed, `with ${other}: ${status}`);
      if (method === "DELETE") await gateway.deployed("hello");
    }
  });
}

for (const path of ["/healthz", "/readyz", "/openapi.json"]) {
  Deno.test(`GET ${path} asks for no key`, async () => {
    const { status } = await testGateway().call("GET", path, { key: "" });
    strictEqual(status, 200);
  });
}

Deno.test("/fn of a public function asks for no key", async () => {
  const gateway = testGateway();
  await gateway.deployed("open", { public: true });
  const { status } = await gateway.call("GET", "/fn/open", { key: "" });
  strictEqual(status, 200);
});

Deno.test("/fn hides from strangers which functions exist", async () => {
  const { status } = await testGateway().call("GET", "/fn/nope", { key: "" });
  strictEqual(status, 401);
});
