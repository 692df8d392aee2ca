/** Fires cron triggers: looks when one is due, and at the clock now and then. */
import type { CronTrigger, Triggers } from "../contracts/trigger.ts";
import { type CronDeps, CronJob } from "./cron_job.ts";

/** The clock may be set: it is looked at this often, in milliseconds. */
const LOOK_MS = 15_000;
/** After an error, such as a broken connection, in milliseconds. */
const RETRY_MS = 2_000;

export interface CronRunnerDeps extends CronDeps {
  triggers: Triggers;
}

interface Scheduled {
  updatedAt: string;
  job: CronJob;
  /** When it is due again; 0 is now. */
  wakeAt: number;
}

export class CronRunner implements AsyncDisposable {
  readonly #deps: CronRunnerDeps;
  readonly #scheduled = new Map<string, Scheduled>();
  readonly #watch: Disposable;
  readonly #forgetting: Promise<void>;
  #timer: Disposable | undefined;
  #looking: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #lookedAt = 0;

  constructor(deps: CronRunnerDeps) {
    this.#deps = deps;
    this.#watch = deps.triggers.onChange(({ type, record }) => {
      if (record.type !== "cron") return;
      if (type === "removed") void this.#forget(record);
      this.#wake();
    });
    this.#forgetting = this.#forgetGone();
    this.#wake();
  }

  /** What was removed while no gateway ran. */
  async #forgetGone(): Promise<void> {
    const { states, triggers, log } = this.#deps;
    try {
      for (const id of await states.ids()) {
        if (await triggers.find(id) === undefined) await states.remove(id);
      }
    } catch (error) {
      log.warn("Cannot forget removed cron triggers", { error });
    }
  }

  /** One look at a time; what changes meanwhile is looked at after it. */
  #wake(): void {
    if (this.#stopped) return;
    if (this.#looking) {
      this.#again = true;
      return;
    }
    this.#timer?.[Symbol.dispose]();
    this.#looking = this.#look().catch((error) => {
      this.#deps.log.error("Cannot look at cron triggers", { error });
      return this.#deps.clock.now() + RETRY_MS;
    }).then((wakeAt) => {
      this.#looking = undefined;
      if (this.#again) {
        this.#again = false;
        this.#wake();
      } else this.#sleep(wakeAt);
    });
  }

  #sleep(wakeAt: number): void {
    if (this.#stopped) return;
    const { clock } = this.#deps;
    const ms = Math.min(Math.max(0, wakeAt - clock.now()), LOOK_MS);
    this.#timer = clock.after(ms, () => this.#wake());
  }

  /** @returns when to look again */
  async #look(): Promise<number> {
    const { triggers, clock } = this.#deps;
    const now = clock.now();
    // What was planned with a clock that is set back since does not hold.
    const wasSetBack = now < this.#lookedAt;
    this.#lookedAt = now;
    const wakes = [Infinity];
    for (const record of await triggers.list()) {
      if (record.type !== "cron" || !record.enabled) continue;
      const scheduled = this.#find(record);
      if (wasSetBack || scheduled.wakeAt <= now) {
        scheduled.wakeAt = await this.#fire(record, scheduled);
      }
      wakes.push(scheduled.wakeAt);
      if (this.#stopped) break;
    }
    return Math.min(...wakes);
  }

  #find(record: CronTrigger): Scheduled {
    const known = this.#scheduled.get(record.id);
    if (known?.updatedAt === record.updatedAt) return known;
    const made: Scheduled = {
      updatedAt: record.updatedAt,
      job: new CronJob(this.#deps, record),
      wakeAt: 0,
    };
    this.#scheduled.set(record.id, made);
    return made;
  }

  async #fire(record: CronTrigger, { job }: Scheduled): Promise<number> {
    try {
      return await job.fireDue();
    } catch (error) {
      this.#deps.log.warn("Cannot fire a cron trigger; it is tried again", {
        trigger: record.name,
        error,
      });
      return this.#deps.clock.now() + RETRY_MS;
    }
  }

  async #forget({ id }: CronTrigger): Promise<void> {
    this.#scheduled.delete(id);
    try {
      await this.#deps.states.remove(id);
    } catch (error) {
      this.#deps.log.warn("Cannot forget a cron trigger", { id, error });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    this.#watch[Symbol.dispose]();
    this.#timer?.[Symbol.dispose]();
    await this.#looking;
    await this.#forgetting;
  }
}
