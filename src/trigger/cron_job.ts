/** One cron trigger: claims what is due by compare-and-set, and hands it over. */
import type { CronState, CronStates } from "../contracts/cron.ts";
import { AppError } from "../contracts/error.ts";
import type { EventSink } from "../contracts/event.ts";
import {
  type AsyncInvocations,
  type AsyncSubmission,
  hasEnded,
  invocationIdOf,
} from "../contracts/invocation.ts";
import type { CronTrigger } from "../contracts/trigger.ts";
import type { Logger } from "../log.ts";
import type { Clock } from "./clock.ts";
import { MAX_MISSED, planCron } from "./cron_plan.ts";
import { readSchedule, type Schedule } from "./schedule.ts";
import { continueTrace } from "./trace.ts";

/** How long a gateway has what it claimed for itself, in milliseconds. */
const CLAIM_MS = 15_000;
/** How often it is asked whether a run has ended, in milliseconds. */
const BUSY_MS = 1_000;
/** After somebody else was faster, in milliseconds. */
const RACE_MS = 250;

export interface CronDeps {
  async: Pick<AsyncInvocations, "submit" | "find">;
  states: CronStates;
  events: EventSink;
  clock: Clock;
  log: Logger;
  /** Tells this gateway from others. */
  gatewayId: string;
}

interface Held {
  state: CronState;
  /** Absent where nothing is stored yet. */
  revision: number | undefined;
}

export class CronJob {
  readonly #deps: CronDeps;
  readonly #record: CronTrigger;
  readonly #schedule: Schedule;

  /** @throws {AppError} `invalid` */
  constructor(deps: CronDeps, record: CronTrigger) {
    this.#deps = deps;
    this.#record = record;
    this.#schedule = readSchedule(record.expression, record.timeZone);
  }

  /**
   * Fires what is due. An id made of trigger and time makes sure that what is
   * handed over twice runs once.
   *
   * @returns when to look again
   * @throws {AppError} `unavailable`; all that is due stays so
   */
  async fireDue(): Promise<number> {
    const { clock, gatewayId } = this.#deps;
    const { state, revision } = await this.#read();
    const now = clock.now();
    const plan = planCron(this.#schedule, this.#record, state.settled, now);
    const { waiting, dropped } = bounded([...state.waiting, ...plan.run]);
    if (waiting.length === 0) {
      if (plan.settled !== state.settled) {
        const settled = { ...state, settled: plan.settled };
        await this.#write({ state: settled, revision });
      }
      return plan.wakeAt;
    }
    if (
      state.claim && state.claim.by !== gatewayId && state.claim.until > now
    ) {
      return state.claim.until;
    }
    const claimed = await this.#write({
      state: { ...state, settled: plan.settled, waiting, claim: this.#claim() },
      revision,
    });
    if (!claimed) return now + RACE_MS;
    for (const time of dropped) this.#skipped(time, "too many wait");
    const busyUntil = await this.#handOver(claimed);
    return Math.min(busyUntil, plan.wakeAt);
  }

  /** Hands over what waits, oldest first. @returns when to go on */
  async #handOver(held: Held): Promise<number> {
    const { overlap } = this.#record;
    let claimed: Held | undefined = held;
    while (claimed) {
      const { state }: Held = claimed;
      const [time, ...waiting] = state.waiting;
      if (time === undefined) return Infinity;
      const isBusy = overlap !== "allow" && await this.#runs(state.invocation);
      if (isBusy && overlap === "queue") {
        await this.#write({ ...claimed, state: withoutClaim(state) });
        return this.#deps.clock.now() + BUSY_MS;
      }
      if (isBusy) this.#skipped(time, "the run before has not ended");
      const invocation = isBusy ? state.invocation : await this.#submit(time);
      const after: CronState = {
        settled: state.settled,
        waiting,
        ...(invocation !== undefined && { invocation }),
        ...(waiting.length > 0 && { claim: this.#claim() }),
      };
      claimed = await this.#write({ ...claimed, state: after });
    }
    return this.#deps.clock.now() + RACE_MS;
  }

  /** @returns the invocation's id, or undefined when there is no such function */
  async #submit(time: number): Promise<string | undefined> {
    const { async, events, log } = this.#deps;
    const { name, functionId } = this.#record;
    const submission = submissionOf(this.#record, time);
    try {
      const { invocationId, duplicate } = await async.submit(submission);
      if (!duplicate) {
        events.emit({
          type: "trigger.fired",
          functionId,
          traceparent: submission.traceparent,
          data: {
            trigger: name,
            triggerType: "cron",
            invocationId,
            scheduledAt: new Date(time).toISOString(),
          },
        });
      }
      return invocationId;
    } catch (error) {
      const { code } = AppError.from(error);
      if (code !== "not_found" && code !== "invalid") throw error;
      log.warn("Cannot fire a cron trigger", { trigger: name, error });
      return undefined;
    }
  }

  async #runs(invocation: string | undefined): Promise<boolean> {
    if (invocation === undefined) return false;
    const record = await this.#deps.async.find(invocation);
    return record !== undefined && !hasEnded(record.state);
  }

  /** What is stored, or what holds for a trigger that is new or was changed. */
  async #read(): Promise<Held> {
    const { id, updatedAt } = this.#record;
    const since = Date.parse(updatedAt);
    const stored = await this.#deps.states.read(id);
    const state = stored?.value ?? { settled: since, waiting: [] };
    return {
      revision: stored?.revision,
      state: {
        ...state,
        settled: Math.max(state.settled, since),
        waiting: state.waiting.filter((time) => time > since),
      },
    };
  }

  async #write({ state, revision }: Held): Promise<Held | undefined> {
    const { id } = this.#record;
    const written = await this.#deps.states.write(id, state, revision);
    return written === undefined ? undefined : { state, revision: written };
  }

  #claim(): CronState["claim"] {
    const { clock, gatewayId } = this.#deps;
    return { by: gatewayId, until: clock.now() + CLAIM_MS };
  }

  #skipped(time: number, why: string): void {
    this.#deps.events.emit({
      type: "trigger.skipped",
      functionId: this.#record.functionId,
      data: {
        trigger: this.#record.name,
        scheduledAt: new Date(time).toISOString(),
        why,
      },
    });
  }
}

/** What one firing asks for. */
function submissionOf(
  { id, name, functionId, body, timeZone }: CronTrigger,
  time: number,
): AsyncSubmission {
  const scheduledAt = new Date(time).toISOString();
  return {
    functionId,
    invocationId: invocationIdOf("cron", id, String(time)),
    source: { type: "cron", trigger: id },
    traceparent: continueTrace(undefined),
    request: {
      method: "POST",
      path: "/",
      query: {},
      headers: {
        "content-type": "application/json",
        "oche-trigger": name,
        "oche-scheduled-at": scheduledAt,
      },
      body: body ?? { trigger: name, scheduledAt, timeZone },
    },
  };
}

function bounded(times: number[]): { waiting: number[]; dropped: number[] } {
  const excess = Math.max(0, times.length - MAX_MISSED);
  return { waiting: times.slice(excess), dropped: times.slice(0, excess) };
}

function withoutClaim({ claim: _, ...state }: CronState): CronState {
  return state;
}
