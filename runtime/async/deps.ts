/** What serving asynchronous invocations needs. */
import type {
  AsyncMessage,
  AsyncQueue,
  FlowState,
  InvocationStore,
} from "../../src/contracts/async_queue.ts";
import type { Callbacks } from "../../src/contracts/callback.ts";
import type { CloudRequest } from "../../src/contracts/cloud.ts";
import type { DeadLetters } from "../../src/contracts/dead.ts";
import type { InvocationRecord } from "../../src/contracts/invocation.ts";
import type {
  InvokeOptions,
  InvokeReply,
  ObjectStore,
  Registry,
} from "../../src/contracts/port.ts";
import type { Logger } from "../../src/log.ts";

/**
 * What follows from an invocation that has ended. It may run again after a
 * crash, with the same arguments.
 */
export type FollowUp = (
  record: InvocationRecord,
  message: AsyncMessage,
) => Promise<void>;

export interface AsyncDeps {
  queue: AsyncQueue;
  invocations: InvocationStore;
  flow: FlowState;
  dead: DeadLetters;
  callbacks: Callbacks;
  /** Answers that are too large for a record. */
  payloads: ObjectStore;
  registry: Registry;
  invoke(
    ref: string,
    request: CloudRequest,
    options: InvokeOptions,
  ): Promise<InvokeReply>;
  /** Of this runtime. */
  runtimeId: string;
  /** Invocations that run at once. */
  concurrency: number;
  liveRuntimes(): Promise<Set<string>>;
  followUps: readonly FollowUp[];
  log: Logger;
}
