/** `GET /api/events`: the newest lifecycle events, or those to come as a stream. */
import { Hono } from "hono";
import { reaches } from "../src/auth/api_key.ts";
import type { CloudEvent } from "../src/contracts/cloud_event.ts";
import { EventQuery } from "../src/contracts/event.ts";
import type { ApiKey } from "../src/contracts/key.ts";
import { parse } from "../src/contracts/parse.ts";
import type { GatewayDeps } from "./env.ts";
import { requireKey } from "./middleware/auth.ts";
import { eventStream } from "./sse.ts";

export function events(
  { keys, feed }: Pick<GatewayDeps, "keys" | "feed">,
): Hono {
  const app = new Hono();

  app.get("/", async (c) => {
    const key = requireKey(c, keys, "read");
    const query = parse(EventQuery, c.req.query(), "the query");
    if (c.req.header("accept")?.includes("text/event-stream")) {
      return eventStream(
        c,
        (send, signal) =>
          feed.follow(query.type, (event) => {
            if (maySee(key, event)) send("event", event);
          }, signal),
      );
    }
    const found = await feed.latest(query);
    return c.json({ events: found.filter((event) => maySee(key, event)) });
  });

  return app;
}

/** A key that is limited to functions sees what is told of them. */
function maySee(key: ApiKey, { data }: CloudEvent): boolean {
  const name = typeof data === "object" && data !== null &&
      "function" in data
    ? String(data.function)
    : undefined;
  return reaches(key, name);
}
