/** Lifecycle events: what happened to functions, invocations, triggers and sandboxes. */
import { z } from "zod";
import { CloudEvent } from "./cloud_event.ts";

/** The last tokens of `functions.event.<type>`. */
export const EVENT_TYPES = [
  "function.deployed",
  "function.deploy_failed",
  "function.updated",
  "function.removed",
  "invocation.succeeded",
  "invocation.failed",
  "invocation.dead",
  "trigger.created",
  "trigger.updated",
  "trigger.removed",
  "trigger.fired",
  "trigger.skipped",
  "trigger.dropped",
  "sandbox.killed",
] as const;
export type EventType = typeof EVENT_TYPES[number];

/** Before the type in the CloudEvents attribute of that name. */
export const EVENT_PREFIX = "oche.";

export interface LifecycleEvent {
  type: EventType;
  /** The function it is about, by id. */
  functionId: string;
  /** Anything JSON can say; the function's name is added while it exists. */
  data: Record<string, unknown>;
  /** Random unless said: what is told twice is known by it. */
  id?: string | undefined;
  traceparent?: string | undefined;
  /** Invocations that led to this, one by another. */
  hops?: number | undefined;
}

/** Where events go. Never waits, and never fails whoever tells it something. */
export interface EventSink {
  emit(event: LifecycleEvent): void;
  /** Whether this function's frequent events are asked for: each call, each message. */
  wants(functionId: string): boolean;
  /** Whether there is any such function. */
  readonly wantsAny: boolean;
}

/** For where nobody listens. */
export const silentSink: EventSink = {
  emit: () => {},
  wants: () => false,
  wantsAny: false,
};

/** `GET /api/events`. */
export const EventQuery = z.object({
  /** A type, or its beginning and a wildcard: `function.deployed`, `trigger.*`. */
  type: z.string().max(64).regex(
    /^(?:[a-z_]+|\*)(?:\.(?:[a-z_]+|\*))*(?:\.>)?$|^>$/,
    "is no type of an event",
  ).default(">"),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});
export type EventQuery = z.output<typeof EventQuery>;

export const EventList = z.object({ events: z.array(CloudEvent) });

/** What was told, as whoever may read sees it. */
export interface EventFeed {
  /** The newest that match, newest last. */
  latest(query: EventQuery): Promise<CloudEvent[]>;
  /** Calls back for each from now on; resolves at the signal, or at the end. */
  follow(
    type: string,
    callback: (event: CloudEvent) => void,
    signal: AbortSignal,
  ): Promise<void>;
}
