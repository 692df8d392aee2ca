/** The time, and a call at a later one; tests set their own. */

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once, after so many milliseconds, unless disposed of before. */
  after(ms: number, callback: () => void): Disposable;
}

/** The machine's. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};

/** Resolves after so many milliseconds, or at the signal. */
export function pause(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    function end(): void {
      timer[Symbol.dispose]();
      signal.removeEventListener("abort", end);
      resolve();
    }
    const timer = clock.after(ms, end);
    signal.addEventListener("abort", end);
  });
}

/** Does it every so many milliseconds, until disposed of. */
export function repeat(
  clock: Clock,
  ms: number,
  work: () => void,
): Disposable {
  let timer = clock.after(ms, again);
  function again(): void {
    work();
    timer = clock.after(ms, again);
  }
  return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
}
