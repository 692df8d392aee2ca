/** `oche events`: what happened to functions, invocations and triggers. */
import { CloudEvent } from "../contracts/cloud_event.ts";
import { EVENT_PREFIX, EventList } from "../contracts/event.ts";
import { parseJson } from "../contracts/parse.ts";
import { ask, queryOf, send } from "./client.ts";
import type { CliDeps } from "./deps.ts";
import { serverEvents } from "./event_stream.ts";
import type { Printer } from "./print.ts";

/** A follower is cut off after this, in milliseconds: a day. */
const FOLLOW_MS = 86_400_000;

export interface EventFlags {
  follow: boolean;
  type?: string | undefined;
  limit?: string | undefined;
}

export async function showEvents(
  deps: CliDeps,
  printer: Printer,
  { follow, type, limit }: EventFlags,
): Promise<void> {
  const path = `/api/events${
    queryOf({ type: type && withoutPrefix(type), limit })
  }`;
  if (!follow) {
    const answer = await ask(deps, EventList, path);
    printer.result(answer, answer.events.map(line).join(""));
    return;
  }
  const { body } = await send(deps, path, {
    headers: { accept: "text/event-stream" },
    timeoutMs: FOLLOW_MS,
  });
  if (!body) return;
  for await (const { data } of serverEvents(body)) {
    const event = parseJson(CloudEvent, data, "an event");
    printer.result(event, line(event));
  }
}

function line({ time = "", type, data }: CloudEvent): string {
  return `${time} ${withoutPrefix(type)} ${JSON.stringify(data)}\n`;
}

function withoutPrefix(type: string): string {
  return type.startsWith(EVENT_PREFIX) ? type.slice(EVENT_PREFIX.length) : type;
}
