/** The container of a sandbox: started, drained, watched, frozen, removed. */
import { AppError } from "../../src/contracts/error.ts";
import { retry } from "../../src/retry.ts";
import type { ContainerEngine, ContainerSpec, Exit } from "../engine/engine.ts";
import { within } from "./deadline.ts";
import { deathError } from "./failure.ts";
import { errorLines, OutputRing } from "./output.ts";

/** How long the engine may take to tell of a death; a caller waits for it. */
const EXIT_MS = 5_000;
/** And for how long after its deadline: somebody waits for its answer. */
const LATE_MS = 1_000;
/** For a minute, in which an engine that went away may be back. */
const REMOVAL = { maxTries: 120, pauseMs: 500 };
const CORES = navigator.hardwareConcurrency;

/** Whether an engine's containers can be limited once they run; found out by the first. */
const boosts = new WeakMap<ContainerEngine, boolean>();

export class SandboxContainer {
  readonly output = new OutputRing();
  readonly #engine: ContainerEngine;
  readonly #id: string;
  readonly #cpus: number;
  #exit: Promise<Exit> | undefined;
  #freezing: Promise<void> = Promise.resolve();

  private constructor(engine: ContainerEngine, id: string, cpus: number) {
    this.#engine = engine;
    this.#id = id;
    this.#cpus = cpus;
  }

  /** Gives it the CPU limit that it was asked to have. */
  async confine(): Promise<void> {
    if (!boosts.get(this.#engine)) return;
    if (await this.#engine.setCpus(this.#id, this.#cpus)) return;
    throw new AppError("unavailable", "Cannot limit the CPU of a sandbox", {
      hint: "Look at the log of the engine; ./oche doctor names it",
    });
  }

  /**
   * Starts with the whole machine's CPUs, where they can be taken away again
   * by `confine`: no code of an author's runs before the first call.
   *
   * @throws {AppError} `unavailable` when the engine cannot; nothing is left
   */
  static async start(
    engine: ContainerEngine,
    spec: ContainerSpec,
  ): Promise<SandboxContainer> {
    const isBoosted = boosts.get(engine) ?? false;
    const id = await engine.create(
      isBoosted ? { ...spec, cpus: Math.max(spec.cpus, CORES) } : spec,
    );
    const container = new SandboxContainer(engine, id, spec.cpus);
    try {
      await engine.attach(
        container.#id,
        (stream, line) => container.output.add(stream, line),
      );
      await engine.start(container.#id);
      container.#exit = engine.waitExit(container.#id);
      if (!boosts.has(engine)) {
        boosts.set(engine, await engine.setCpus(id, spec.cpus));
      }
      return container;
    } catch (error) {
      await container.remove();
      throw error;
    }
  }

  /** Calls back when it has died, or can no longer be watched. */
  onDeath(callback: () => void): void {
    this.#exit?.then(callback, callback);
  }

  /**
   * Of what is dead, or takes no more rings: the engine knows, if it is there.
   *
   * @param deadline Of the caller, in milliseconds since 1970.
   */
  async whyItDied(deadline: number): Promise<AppError> {
    const exit = await within(
      Math.min(Date.now() + EXIT_MS, deadline + LATE_MS),
      Promise.resolve(this.#exit).catch(() => undefined),
    );
    const lines = this.output.take();
    for (const { stream, text } of lines) this.output.add(stream, text);
    if (exit && exit !== "timeout") return deathError(exit, errorLines(lines));
    try {
      await this.#engine.ping();
    } catch (error) {
      return AppError.from(error);
    }
    return deathError(undefined, errorLines(lines));
  }

  freeze(): Promise<void> {
    return this.#inTurn(() => this.#engine.freeze(this.#id));
  }

  thaw(): Promise<void> {
    return this.#inTurn(() => this.#engine.thaw(this.#id));
  }

  /** A thaw that overtook its freeze would leave it frozen. */
  #inTurn(step: () => Promise<void>): Promise<void> {
    const done = this.#freezing.catch(() => {}).then(step);
    this.#freezing = done;
    return done;
  }

  /**
   * Tried again while the engine is away: nobody else would remove it for as
   * long as this runtime lives.
   */
  async remove(): Promise<void> {
    await this.#freezing.catch(() => {});
    await retry(() => this.#engine.remove(this.#id), REMOVAL);
  }
}
