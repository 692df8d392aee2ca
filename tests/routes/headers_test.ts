/** Security headers and CORS of the gateway's answers. */
import { match, ok, strictEqual } from "node:assert";
import { CloudResponse } from "../../src/contracts/cloud.ts";
import { createApp } from "../../routes/app.ts";
import { KEY, testGateway } from "../support/gateway.ts";

const OWN = [
  "/healthz",
  "/readyz",
  "/openapi.json",
  "/api/functions",
  "/api/functions/nope",
  "/api/keys",
  "/no/such/route",
];

for (const path of OWN) {
  for (const key of ["", KEY.admin]) {
    Deno.test(`GET ${path} ${key ? "with" : "without"} a key tells browsers to trust nothing`, async () => {
      const { headers } = await testGateway().call("GET", path, { key });
      strictEqual(headers.get("x-content-type-options"), "nosniff");
      strictEqual(headers.get("cache-control"), "no-store");
      strictEqual(headers.get("referrer-policy"), "no-referrer");
      strictEqual(
        headers.get("content-security-policy"),
        "default-src 'none'; frame-ancestors 'none'",
      );
      for (const fingerprint of ["server", "x-powered-by", "via"]) {
        ok(!headers.has(fingerprint));
      }
      ok(!headers.has("access-control-allow-origin"));
    });
  }
}

Deno.test("/fn leaves the headers to the function, but for sniffing", async () => {
  const gateway = testGateway();
  await gateway.deployed("page");
  const plain = await gateway.call("GET", "/fn/page");
  strictEqual(plain.headers.get("x-content-type-options"), "nosniff");
  ok(!plain.headers.has("content-security-policy"));
  gateway.answer = () => ({
    response: CloudResponse.parse({
      statusCode: 200,
      headers: { "cache-control": "max-age=60", "x-content-type-options": "" },
      body: "x",
    }),
  });
  const own = await gateway.call("GET", "/fn/page");
  strictEqual(own.headers.get("cache-control"), "max-age=60");
  strictEqual(own.headers.get("x-content-type-options"), "");
});

const PREFLIGHT = {
  "access-control-request-method": "POST",
  "access-control-request-headers": "authorization, content-type",
};

function withOrigins(...corsOrigins: string[]) {
  const gateway = testGateway();
  const app = createApp({ ...gateway.deps, corsOrigins });
  return { gateway, app };
}

Deno.test("without configured origins a preflight is an OPTIONS as any other", async () => {
  const gateway = testGateway();
  await gateway.deployed("open", { public: true });
  const headers = { origin: "https://a.example", ...PREFLIGHT };
  const { status, headers: got } = await gateway.call("OPTIONS", "/fn/open", {
    headers,
    key: "",
  });
  strictEqual(status, 200);
  strictEqual(gateway.invocations[0]?.request.method, "OPTIONS");
  ok(!got.has("access-control-allow-origin"));
  const api = await gateway.call("OPTIONS", "/api/functions", { headers });
  strictEqual(api.status, 404);
});

Deno.test("a preflight of a configured origin is answered without a key; another's is not", async () => {
  const { app, gateway } = withOrigins("https://a.example");
  await gateway.deployed("hello");
  for (const path of ["/fn/hello", "/api/functions/hello/invoke"]) {
    const answer = await app.request(path, {
      method: "OPTIONS",
      headers: { origin: "https://a.example", ...PREFLIGHT },
    });
    strictEqual(answer.status, 204);
    strictEqual(
      answer.headers.get("access-control-allow-origin"),
      "https://a.example",
    );
    strictEqual(
      answer.headers.get("access-control-allow-headers"),
      "authorization, content-type",
    );
    ok(!answer.headers.has("access-control-allow-credentials"));
    const nameless = await app.request(path, {
      method: "OPTIONS",
      headers: {
        origin: "https://a.example",
        "access-control-request-method": "POST",
      },
    });
    match(
      nameless.headers.get("access-control-allow-headers") ?? "",
      /^authorization, content-type, /,
    );
    const other = await app.request(path, {
      method: "OPTIONS",
      headers: { origin: "https://b.example", ...PREFLIGHT },
    });
    ok(!other.headers.has("access-control-allow-origin"));
    ok(other.status >= 400);
  }
  strictEqual(gateway.invocations.length, 0);
});

Deno.test("answers to a configured origin may be read by its pages, errors too", async () => {
  const { app, gateway } = withOrigins("https://a.example");
  await gateway.deployed("open", { public: true });
  for (
    const [path, status] of [["/fn/open", 200], ["/fn/nope", 401]] as const
  ) {
    const answer = await app.request(path, {
      headers: { origin: "https://a.example" },
    });
    strictEqual(answer.status, status);
    strictEqual(
      answer.headers.get("access-control-allow-origin"),
      "https://a.example",
    );
    ok(answer.headers.get("vary")?.includes("origin"));
    const { headers } = await app.request(path);
    ok(!headers.has("access-control-allow-origin"));
  }
});

Deno.test("every origin may be configured", async () => {
  const { app } = withOrigins("*");
  const { headers } = await app.request("/healthz", {
    headers: { origin: "https://anything.example" },
  });
  strictEqual(headers.get("access-control-allow-origin"), "*");
});
