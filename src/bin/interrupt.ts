/** Ends what a command has started when it is interrupted. */

/** As a shell has it for SIGINT (128 + 2). */
const INTERRUPTED = 130;

/** Until it is disposed of, a signal does `end` once and ends the process. */
export function onInterrupt(end: () => Promise<void>): Disposable {
  let isEnding = false;
  const stop = () => {
    if (isEnding) return;
    isEnding = true;
    void end().catch(() => {}).finally(() => Deno.exit(INTERRUPTED));
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) Deno.addSignalListener(signal, stop);
  return {
    [Symbol.dispose]() {
      for (const signal of signals) Deno.removeSignalListener(signal, stop);
    },
  };
}
