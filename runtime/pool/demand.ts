/** What a group of workers is asked for: how often, for how long, how soon. */

/** Weight of the newest start. */
const SMOOTHING = 0.2;
/**
 * Weights of a run. One that is longer than the average counts for little: where
 * workers only wait for a core, each more of them makes all runs longer, and
 * none pays. One that is shorter counts for much: the first are the slowest.
 */
const SLOWER = 0.02;
const FASTER = 0.5;
/** Over how long the rate of arrivals is averaged, in milliseconds. */
const WINDOW_MS = 5_000;
/** Head room of a stock over what the rate asks for. */
const HEADROOM = 1.5;

export class Demand {
  #runMs: number | undefined;
  #startMs = 250;
  /** Arrivals in the window, each fading with its age. */
  #recent = 0;
  #lastArrival = -Infinity;

  /** @param now As `performance.now()`. */
  arrived(now: number): void {
    this.#recent = this.#recentAt(now) + 1;
    this.#lastArrival = now;
  }

  ran(ms: number): void {
    this.#runMs = smooth(
      this.#runMs,
      ms,
      ms > (this.#runMs ?? 0) ? SLOWER : FASTER,
    );
  }

  started(ms: number): void {
    this.#startMs = smooth(this.#startMs, ms);
  }

  /** How long the last of a queue is going to wait, in milliseconds. */
  predictedWaitMs(waiting: number, workers: number): number {
    if (workers === 0 || this.#runMs === undefined) return Infinity;
    return this.#runMs * waiting / workers;
  }

  /**
   * How many of a queue are served within so many run times, and at least
   * within `minMs`; no bound while nothing is known.
   */
  servedWithin(runs: number, minMs: number, workers: number): number {
    if (workers === 0 || this.#runMs === undefined) return Infinity;
    return Math.ceil(Math.max(runs, minMs / this.#runMs) * workers);
  }

  /** Arrivals while one worker starts, with head room; 0 after a pause of `idleMs`. */
  stock(now: number, idleMs: number): number {
    if (now - this.#lastArrival > idleMs) return 0;
    const perMs = this.#recentAt(now) / WINDOW_MS;
    return 1 + Math.ceil(perMs * this.#startMs * HEADROOM);
  }

  #recentAt(now: number): number {
    const age = now - this.#lastArrival;
    return age === Infinity ? 0 : this.#recent * Math.exp(-age / WINDOW_MS);
  }
}

function smooth(
  average: number | undefined,
  value: number,
  weight = SMOOTHING,
): number {
  return average === undefined ? value : average + weight * (value - average);
}
