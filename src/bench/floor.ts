/**
 * The floors: what the wire alone costs. `bare` is a Hono handler that passes a
 * body over NATS to an echo in a second process; `echo` answers in place of a
 * runtime, so that the real gateway can be measured with nothing behind it.
 */
import { headers, type NatsConnection } from "@nats-io/nats-core";
import { Hono } from "hono";
import { HEADER, QUEUE_GROUP, subject } from "../nats/subject.ts";

const BARE_SUBJECT = "bench.echo";
const TIMEOUT_MS = 5_000;

/** Beside the echo: a body goes into a stream, and nothing else happens. */
export function bareGateway(
  nc: NatsConnection,
  port: number,
  publish: (bytes: Uint8Array) => Promise<void>,
): Deno.HttpServer {
  const app = new Hono();
  app.post("/publish", async (c) => {
    await publish(new Uint8Array(await c.req.raw.arrayBuffer()));
    return c.json({ isKept: true }, 202);
  });
  app.post("/fn/:name", async (c) => {
    const data = new Uint8Array(await c.req.raw.arrayBuffer());
    const reply = await nc.request(BARE_SUBJECT, data, { timeout: TIMEOUT_MS });
    return new Response(reply.data as Uint8Array<ArrayBuffer>, {
      headers: { "content-type": "application/json" },
    });
  });
  return Deno.serve(
    { hostname: "127.0.0.1", port, onListen() {} },
    app.fetch,
  );
}

export function bareEcho(nc: NatsConnection): void {
  nc.subscribe(BARE_SUBJECT, {
    callback: (_error, message) => {
      message.respond(message.data);
    },
  });
}

/** As a runtime whose functions all echo, and cost nothing. */
export function runtimeEcho(nc: NatsConnection): void {
  nc.subscribe(subject.anyInvoke, {
    queue: QUEUE_GROUP,
    callback: (_error, message) => {
      const { body } = message.json<{ body: unknown }>();
      const h = headers();
      h.append(HEADER.invocationId, "floor");
      h.append(HEADER.version, "1");
      h.append(HEADER.durationMs, "0");
      h.append(HEADER.start, "warm");
      message.respond(
        JSON.stringify({
          statusCode: 200,
          headers: { "content-type": "application/json" },
          body,
        }),
        { headers: h },
      );
    },
  });
}
