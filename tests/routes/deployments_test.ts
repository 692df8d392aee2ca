import { deepStrictEqual, match, strictEqual } from "node:assert";
import { AppError } from "../../src/contracts/error.ts";
import { toProblem } from "../../src/contracts/problem.ts";
import { KEY, testGateway } from "../support/gateway.ts";

const ARCHIVE = new Uint8Array([0x1f, 0x8b, 1, 2, 3]);
const PATH = "/api/functions/hello/deployments";

Deno.test("deployments answers 201 when a version serves", async () => {
  const gateway = testGateway();
  const response = await gateway.call("POST", PATH, { body: ARCHIVE });
  strictEqual(response.status, 201);
  const { id, ...view } = await response.json();
  deepStrictEqual(view, { name: "hello", version: 1, status: "ready" });
  deepStrictEqual(
    await gateway.deps.archives.get(gateway.deploys[0]?.archive ?? ""),
    ARCHIVE,
  );
  strictEqual((await gateway.deps.registry.find("hello"))?.id, id);
});

Deno.test("deployments answers identical content with its version", async () => {
  const gateway = testGateway();
  await gateway.call("POST", PATH, { body: ARCHIVE });
  await gateway.call("POST", PATH, { body: new Uint8Array([9]) });
  const again = await gateway.call("POST", PATH, { body: ARCHIVE });
  strictEqual(again.status, 200);
  strictEqual((await again.json()).version, 1);
  strictEqual(gateway.deploys.length, 2);
  strictEqual((await gateway.deps.registry.find("hello"))?.current, 1);
});

Deno.test("deployments hands a version over again that never ended", async () => {
  const gateway = testGateway();
  const { build } = gateway;
  gateway.build = () => Promise.reject(new AppError("unavailable", "No NATS"));
  const failed = await gateway.call("POST", PATH, { body: ARCHIVE });
  strictEqual(failed.status, 503);
  gateway.build = build;
  const again = await gateway.call("POST", PATH, { body: ARCHIVE });
  strictEqual(again.status, 201);
  strictEqual((await again.json()).version, 1);
});

Deno.test("deployments takes the form field archive", async () => {
  const gateway = testGateway();
  const body = new FormData();
  body.set("archive", new Blob([ARCHIVE]), "hello.tar.gz");
  const response = await gateway.call("POST", PATH, { body });
  strictEqual(response.status, 201);
  deepStrictEqual(
    await gateway.deps.archives.get(gateway.deploys[0]?.archive ?? ""),
    ARCHIVE,
  );
});

Deno.test("deployments answers a failed build with its problem", async () => {
  const gateway = testGateway();
  gateway.build = async ({ functionId, version }) => {
    const problem = toProblem(
      new AppError("build_failed", "Cannot compile: lib/a.dart:1:2: no", {
        diagnostics: [{
          file: "lib/a.dart",
          line: 1,
          column: 2,
          message: "no",
        }],
      }),
    );
    await gateway.deps.registry.updateVersion(functionId, version, {
      status: "failed",
      problem,
    });
  };
  const response = await gateway.call("POST", PATH, { body: ARCHIVE });
  strictEqual(response.status, 422);
  const problem = await response.json();
  strictEqual(problem.code, "build_failed");
  strictEqual(problem.diagnostics[0].line, 1);
  strictEqual((await gateway.deps.registry.find("hello"))?.current, null);
});

Deno.test("deployments streams the build as events", async () => {
  const response = await testGateway().call("POST", PATH, {
    body: ARCHIVE,
    headers: { accept: "text/event-stream" },
  });
  strictEqual(response.headers.get("content-type"), "text/event-stream");
  const text = await response.text();
  match(text, /event: step\ndata: \{"step":"analyse","message":"Analysing"\}/);
  match(text, /event: done\ndata: \{.*"version":1,"status":"ready"\}/);
});

Deno.test("deployments answers 202 when asked to respond-async", async () => {
  const gateway = testGateway();
  gateway.build = () => Promise.resolve();
  const response = await gateway.call("POST", PATH, {
    body: ARCHIVE,
    headers: { prefer: "respond-async" },
  });
  strictEqual(response.status, 202);
  strictEqual(
    response.headers.get("location"),
    "/api/functions/hello/versions",
  );
  strictEqual((await response.json()).status, "queued");
});

Deno.test("deployments with dryRun leaves no state", async () => {
  const gateway = testGateway();
  const response = await gateway.call("POST", `${PATH}?dryRun=true`, {
    body: ARCHIVE,
  });
  strictEqual(response.status, 200);
  strictEqual((await response.json()).class, "Hello");
  deepStrictEqual(await gateway.deps.registry.list(), []);
});

Deno.test("deployments makes a function public and private again", async () => {
  const gateway = testGateway();
  const isPublic = async () =>
    (await gateway.deps.registry.find("hello"))?.public;
  await gateway.call("POST", `${PATH}?public=true`, { body: ARCHIVE });
  strictEqual(await isPublic(), true);
  await gateway.call("POST", PATH, { body: new Uint8Array([1]) });
  strictEqual(await isPublic(), true);
  await gateway.call("POST", `${PATH}?public=false`, { body: ARCHIVE });
  strictEqual(await isPublic(), false);
});

Deno.test("deployments gives up waiting at its limit", async () => {
  const gateway = testGateway({ deployMs: 1 });
  gateway.build = () => Promise.resolve();
  const response = await gateway.call("POST", PATH, { body: ARCHIVE });
  strictEqual(response.status, 504);
});

const REFUSED = [
  { it: "an empty archive", path: PATH, body: new Uint8Array(), status: 400 },
  {
    it: "an archive over the limit",
    path: PATH,
    body: new Uint8Array(2049),
    status: 413,
  },
  {
    it: "a bad name",
    path: "/api/functions/Hello/deployments",
    body: ARCHIVE,
    status: 400,
  },
  {
    it: "a name in the shape of a UUID",
    path: "/api/functions/a0000000-0000-4000-8000-000000000000/deployments",
    body: ARCHIVE,
    status: 400,
  },
  { it: "a bad query", path: `${PATH}?public=yes`, body: ARCHIVE, status: 400 },
  {
    it: "a form without the field",
    path: PATH,
    body: new FormData(),
    status: 400,
  },
];

for (const { it, path, body, status } of REFUSED) {
  Deno.test(`deployments refuses ${it}`, async () => {
    const gateway = testGateway();
    const response = await gateway.call("POST", path, {
      body,
      key: KEY.deploy,
    });
    strictEqual(response.status, status);
    strictEqual(gateway.deploys.length, 0);
  });
}
