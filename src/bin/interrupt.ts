/** What a command does when it is interrupted. */

/** As a shell has it for SIGINT (128 + 2). */
const INTERRUPTED = 130;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Until it is disposed of, each signal calls back. */
export function onInterrupt(act: () => void): Disposable {
  for (const signal of SIGNALS) Deno.addSignalListener(signal, act);
  return {
    [Symbol.dispose]() {
      for (const signal of SIGNALS) Deno.removeSignalListener(signal, act);
    },
  };
}

/** Until it is disposed of, a signal does `end` once and ends the process. */
export function endOnInterrupt(end: () => Promise<void>): Disposable {
  let isEnding = false;
  return onInterrupt(() => {
    if (isEnding) return;
    isEnding = true;
    void end().catch(() => {}).finally(() => Deno.exit(INTERRUPTED));
  });
}
