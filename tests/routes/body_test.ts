import { deepStrictEqual, strictEqual } from "node:assert";
import { Hono } from "hono";
import { readBytes } from "../../routes/body.ts";
import {
  bodyLimited,
  type BodyLimits,
} from "../../routes/middleware/body_limit.ts";
import { onError } from "../../routes/middleware/error.ts";
import { createLogger } from "../../src/log.ts";

const MAX_BYTES = 1_000_000;

function app(limits: Partial<BodyLimits>): Hono {
  const app = new Hono();
  app.onError(onError(createLogger(() => {})));
  app.use(bodyLimited({ ms: 60_000, heldBytes: MAX_BYTES, ...limits }));
  app.post("/", async (c) => {
    const bytes = await readBytes(c.req.raw, MAX_BYTES, "the body");
    return c.text(String(bytes.length));
  });
  return app;
}

/** A body that goes on as it is told to. */
function slowBody() {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let asked = Promise.withResolvers<void>();
  const cancelled = Promise.withResolvers<void>();
  const stream = new ReadableStream<Uint8Array>({
    pull(given) {
      controller = given;
      asked.resolve();
    },
    cancel: () => cancelled.resolve(),
  }, { highWaterMark: 0 });
  return {
    stream,
    /** Resolves when the reader asks for more: it has dealt with this. */
    async send(size: number): Promise<void> {
      await asked.promise;
      asked = Promise.withResolvers();
      controller?.enqueue(new Uint8Array(size));
      await asked.promise;
    },
    end: () => controller?.close(),
    cancelled: cancelled.promise,
  };
}

function post(app: Hono, body: BodyInit, declared?: number): Promise<Response> {
  return Promise.resolve(app.request("/", {
    method: "POST",
    body,
    headers: declared === undefined
      ? {}
      : { "content-length": String(declared) },
  }));
}

for (const declared of [undefined, 200_000]) {
  const how = declared === undefined ? "in chunks" : "of a declared length";
  Deno.test(`readBytes() gives a late body ${how} up, and lets go of it`, async () => {
    const body = slowBody();
    const answer = post(app({ ms: 20 }), body.stream, declared);
    void body.send(100);
    const { status } = await answer;
    strictEqual(status, 400);
    await body.cancelled;
  });

  Deno.test(`readBytes() holds bodies ${how} of all requests against one limit`, async () => {
    const gateway = app({ heldBytes: 300_000 });
    const first = slowBody();
    const answer = post(gateway, first.stream, declared);
    await first.send(200_000);
    const refused = await post(gateway, new Uint8Array(200_000), 200_000);
    deepStrictEqual(
      [refused.status, refused.headers.get("retry-after")],
      [429, "1"],
    );
    const small = await post(gateway, new Uint8Array(100_000), 100_000);
    strictEqual(await small.text(), "100000");
    first.end();
    strictEqual(await (await answer).text(), "200000");
    const again = await post(gateway, new Uint8Array(200_000), 200_000);
    strictEqual(await again.text(), "200000");
  });
}

Deno.test("readBytes() lets go of chunks over the limit", async () => {
  const body = slowBody();
  const answer = post(app({ heldBytes: 10 * MAX_BYTES }), body.stream);
  await body.send(MAX_BYTES);
  void body.send(1);
  strictEqual((await answer).status, 413);
  await body.cancelled;
});
