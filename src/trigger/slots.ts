/** So many at once; the others wait in line, and the line is bounded. */

export interface Slots {
  /** @returns undefined when too many wait already */
  take(): Promise<Disposable> | undefined;
  /** Resolves when nothing runs and nothing waits. */
  idle(): Promise<void>;
}

export function slots(count: number, maxWaiting: number): Slots {
  const waiting: (() => void)[] = [];
  const watchers: (() => void)[] = [];
  let free = count;

  function give(): Disposable {
    let isTaken = true;
    return {
      [Symbol.dispose]() {
        if (!isTaken) return;
        isTaken = false;
        const next = waiting.shift();
        if (next) next();
        else free++;
        if (free === count) watchers.splice(0).forEach((each) => each());
      },
    };
  }

  return {
    take() {
      if (free > 0) {
        free--;
        return Promise.resolve(give());
      }
      if (waiting.length >= maxWaiting) return undefined;
      return new Promise((resolve) => waiting.push(() => resolve(give())));
    },
    idle: () =>
      free === count
        ? Promise.resolve()
        : new Promise((resolve) => watchers.push(resolve)),
  };
}
