/** The queue of asynchronous invocations, as who serves it sees it. */
import type { z } from "zod";
import { decodeBase64 } from "./base64.ts";
import { decodeBody } from "./body.ts";
import { CloudRequest } from "./cloud.ts";
import {
  AsyncSubmission,
  InvocationId,
  type InvocationRecord,
} from "./invocation.ts";

/** A message of the queue. */
export const AsyncMessage = AsyncSubmission.extend({
  invocationId: InvocationId,
  request: CloudRequest.transform(withBody),
});
export type AsyncMessage = z.output<typeof AsyncMessage>;

/** What is written of a message: of the body its bytes alone, where it has them. */
export function writtenMessage(message: AsyncMessage): AsyncMessage {
  const { request } = message;
  return request.rawBody === undefined
    ? message
    : { ...message, request: { ...request, body: null } };
}

function withBody(request: CloudRequest): CloudRequest {
  const { rawBody, body, headers } = request;
  if (rawBody === undefined || body !== null) return request;
  const bytes = decodeBase64(rawBody);
  return { ...request, ...decodeBody(bytes, headers["content-type"]) };
}

/** What the order of service depends on: the headers of a message. */
export interface QueueEntry {
  /** In the stream. */
  seq: number;
  functionId: string;
  invocationId: string;
  /** When it was accepted, in milliseconds since 1970. */
  acceptedAt: number;
  /** Not to start before, in milliseconds since 1970. */
  notBefore: number;
  priority: number;
  /** A hash of the concurrency key. */
  key: string | undefined;
  /** In milliseconds; the newest entry of the same key supersedes the others. */
  debounceMs: number;
}

/** A message that cannot be read, as far as it can be told. */
export interface QueuedMessage {
  entry: QueueEntry;
  /** What was submitted, or why it cannot be read. */
  content: { message: AsyncMessage; error?: never } | {
    error: unknown;
    message?: never;
  };
}

/** Messages stay until they are removed; nobody owns one by reading it. */
export interface AsyncQueue {
  /** Every message that is there, and every new one, until the signal. */
  follow(onEntry: (entry: QueueEntry) => void, signal: AbortSignal): void;
  /** Undefined when it is gone. */
  read(seq: number): Promise<QueuedMessage | undefined>;
  /** With what it keeps in the object store; nothing if it is gone. */
  remove(entry: QueueEntry): Promise<void>;
}

export interface StoredInvocation {
  record: InvocationRecord;
  revision: number;
}

/** Records of invocations; whoever changes one says which it has seen. */
export interface InvocationStore {
  read(
    functionId: string,
    id: string,
  ): Promise<StoredInvocation | undefined>;
  /** Undefined when there is one already. */
  create(record: InvocationRecord): Promise<StoredInvocation | undefined>;
  /** Undefined when somebody else was faster. */
  update(
    before: StoredInvocation,
    record: InvocationRecord,
  ): Promise<StoredInvocation | undefined>;
}

/** Shared between runtimes: who holds a concurrency key, and what has started. */
export interface FlowState {
  /** Whether one of `limit` places of the key is now held by this one. */
  takePlace(place: Place, limit: number): Promise<boolean>;
  leavePlace(place: Place): Promise<void>;
  /** 0 when it may start now, and is counted; else when to ask again. */
  takeTurn(
    functionId: string,
    rate: { limit: number; intervalMs: number },
  ): Promise<number>;
}

export interface Place {
  functionId: string;
  key: string;
  invocationId: string;
  /** Who runs it: two that want the same invocation are not one. */
  runtimeId: string;
}
