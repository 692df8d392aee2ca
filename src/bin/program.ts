/** What every program here does: read the environment, run, drain on a signal. */
import { AppError } from "../contracts/error.ts";
import { createLogger, type Logger } from "../log.ts";

/** A drain that takes longer is cut off, in milliseconds. */
const DRAIN_MS = 30_000;

export type Start = (
  log: Logger,
  lookup: (name: string) => string | undefined,
) => Promise<AsyncDisposable>;

/** Runs until SIGTERM or SIGINT, then drains and ends the process. */
export async function runProgram(name: string, start: Start): Promise<void> {
  const encoder = new TextEncoder();
  const log = createLogger(
    (line) => Deno.stderr.writeSync(encoder.encode(`${line}\n`)),
    { program: name },
  );
  const stopped = Promise.withResolvers<void>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    Deno.addSignalListener(signal, () => stopped.resolve());
  }
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    log.error("A rejection that nobody handled", { error: event.reason });
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    log.error("An error that nobody handled", { error: event.error });
  });
  try {
    const running = await start(log, (variable) => Deno.env.get(variable));
    await stopped.promise;
    log.info("Draining");
    setTimeout(() => Deno.exit(1), DRAIN_MS);
    await running[Symbol.asyncDispose]();
    log.info("Ended");
    Deno.exit(0);
  } catch (error) {
    const { message, hint } = AppError.from(error);
    log.error(`Cannot run: ${message}`, { hint, error });
    Deno.exit(1);
  }
}
