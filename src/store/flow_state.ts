/** Concurrency keys and rates that all runtimes share, on a KV bucket by compare-and-set. */
import type { KV } from "@nats-io/kv";
import { z } from "zod";
import type {
  FlowState,
  InvocationStore,
  Place,
} from "../contracts/async_queue.ts";
import { AppError } from "../contracts/error.ts";
import { key } from "../nats/subject.ts";
import { create, read, replace } from "./bucket.ts";

const MAX_TRIES = 50;
/** A place is taken before its invocation runs, by so much at most, in milliseconds. */
const YOUNG_MS = 10_000;

/** By invocation. */
const Holders = z.record(
  z.string(),
  z.object({
    runtime: z.string(),
    /** When it took its place, in milliseconds since 1970. */
    since: z.number(),
  }),
);
/** When the last invocations started, oldest first. */
const Turns = z.array(z.number());

export function flowState(kv: KV, invocations: InvocationStore): FlowState {
  /** Of those who hold a place, the ones that run, or may be about to. */
  async function holding(
    functionId: string,
    holders: z.output<typeof Holders>,
  ): Promise<z.output<typeof Holders>> {
    const still: z.output<typeof Holders> = {};
    for (const [id, holder] of Object.entries(holders)) {
      const isYoung = Date.now() - holder.since < YOUNG_MS;
      const found = isYoung
        ? undefined
        : await invocations.read(functionId, id);
      if (isYoung || found?.record.state === "running") still[id] = holder;
    }
    return still;
  }

  return {
    async takePlace(place, limit) {
      const { functionId, key: token, invocationId, runtimeId } = place;
      return await edit(kv, Holders, key.place(functionId, token), {
        empty: {},
        async change(before) {
          const mine = before[invocationId];
          if (mine?.runtime === runtimeId) return { outcome: true };
          const isCrowded = mine || Object.keys(before).length >= limit;
          const holders = isCrowded
            ? await holding(functionId, before)
            : before;
          const isFree = !(invocationId in holders) &&
            Object.keys(holders).length < limit;
          if (!isFree) return { outcome: false };
          const holder = { runtime: runtimeId, since: Date.now() };
          return {
            outcome: true,
            value: { ...holders, [invocationId]: holder },
          };
        },
      });
    },

    async leavePlace(place: Place) {
      const { functionId, key: token, invocationId, runtimeId } = place;
      await edit(kv, Holders, key.place(functionId, token), {
        empty: {},
        change({ [invocationId]: mine, ...others }) {
          return Promise.resolve(
            mine?.runtime !== runtimeId
              ? { outcome: undefined }
              : { outcome: undefined, value: others },
          );
        },
      });
    },

    async takeTurn(functionId, { limit, intervalMs }) {
      return await edit(kv, Turns, key.turns(functionId), {
        empty: [],
        change(before) {
          const now = Date.now();
          const recent = before.filter((at) => at > now - intervalMs);
          const oldest = recent.at(-limit);
          return Promise.resolve(
            oldest === undefined
              ? { outcome: 0, value: [...recent, now] }
              : { outcome: oldest + intervalMs },
          );
        },
      });
    },
  };
}

interface Edit<Value, Outcome> {
  /** What is there when nothing is. */
  empty: Value;
  /** No value: nothing is written. */
  change(before: Value): Promise<{ outcome: Outcome; value?: Value }>;
}

/** @throws {AppError} `busy` when others were faster every time */
async function edit<Schema extends z.ZodType, Outcome>(
  kv: KV,
  schema: Schema,
  at: string,
  { empty, change }: Edit<z.output<Schema>, Outcome>,
): Promise<Outcome> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const stored = await read(kv, schema, at);
    const { outcome, value } = await change(stored?.value ?? empty);
    if (value === undefined) return outcome;
    const written = stored
      ? await replace(kv, at, value, stored.revision)
      : await create(kv, at, value);
    if (written !== undefined) return outcome;
  }
  throw new AppError("busy", `Cannot change "${at}": too many writers`, {
    retryAfter: 1,
  });
}
