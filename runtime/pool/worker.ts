/** What a pool keeps, and how. */
import type { StartKind } from "../../src/contracts/cloud.ts";

export interface PoolWorker {
  /** How it came to be, for the call that had to wait for it. */
  readonly startKind: StartKind;
  /** Whether it can be called. */
  readonly isIdle: boolean;
  /** Resolves when it is gone, for whatever reason. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
  /** Takes the CPU away until `thaw`. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
}

/** How the workers of one key are kept. */
export interface Policy<Worker> {
  /** @param isAhead Whether nobody waits for it yet. */
  start(isAhead: boolean): Promise<Worker>;
  /** What one worker takes of the budget. */
  weight: number;
  maxWorkers: number;
  /** Kept ready, whether called or not. */
  minWarm: number;
  /** Whether a worker serves one caller after another. */
  isReused: boolean;
  /** A worker that is idle for longer is closed, in milliseconds. */
  idleMs: number;
}

export interface PoolOptions {
  /** Workers of all keys together, starting and closing ones included. */
  limit: number;
  /** Their weights together. */
  budget: number;
  /** Callers that may wait without a worker being started for them. */
  maxWaiting: number;
  /** Starts at once. */
  maxStarts: number;
  /** Another worker is worth its start when the wait is longer, in milliseconds. */
  growMs: number;
  /** A worker that is idle for longer is frozen, in milliseconds; 0 never. */
  freezeMs: number;
}

export interface Lease<Worker> extends Disposable {
  worker: Worker;
  /** How the worker came to this caller. */
  start: StartKind;
  /** For how long this caller waited for the worker's start, in milliseconds. */
  startMs: number;
  /** How many others wait for this worker, and for nothing else. */
  queued: number;
}
