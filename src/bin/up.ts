/** `./oche up` and `./oche down`: the embedded stack, from an empty machine to a first answer. */
import { AppError } from "../contracts/error.ts";
import { pause } from "../pause.ts";
import { endHelpers, unmountBelow } from "../stack/engine_leftovers.ts";
import { openInstallation } from "../stack/installation.ts";
import { endProcess, isAlive } from "../stack/process.ts";
import type { Progress } from "../stack/progress.ts";
import type { StackSettings } from "../stack/settings.ts";
import { unmountShared } from "../stack/shared_memory.ts";
import {
  endStale,
  readState,
  removeState,
  type StackState,
  takeStackLock,
} from "../stack/state.ts";
import { greet } from "./hello.ts";
import { onInterrupt } from "./interrupt.ts";
import { startStack } from "./stack.ts";

/** A stack that drains longer is ended by force, in milliseconds. */
const DOWN_MS = 60_000;

/** The last words of a start, for whoever sits before it. */
const UNTIL = "\nRuns until Ctrl-C.\n";

export interface UpOptions {
  /** The checkout. */
  root: string;
  settings: StackSettings;
  /** End after the first answer. */
  once: boolean;
  progress: Progress;
  write(text: string): void;
  notice(text: string): void;
}

/** Runs until SIGINT or SIGTERM. @returns the exit code */
export async function up(options: UpOptions): Promise<number> {
  const { root, settings, once, progress, write, notice } = options;
  const begun = performance.now();
  const asked = Promise.withResolvers<void>();
  using _interrupt = onInterrupt(() => asked.resolve());
  const installation = await openInstallation(settings.OCHE_HOME);
  await using _lock = await takeStackLock(settings.OCHE_HOME);
  await endLeftovers(settings);
  const starting = startStack({
    root,
    settings,
    installation,
    progress,
    notice,
  });
  {
    await using stack = await starting;
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    write(`Oche is up after ${seconds} s.\n\n`);
    await greet({ root, installation, url: stack.url, progress, write });
    if (!once) {
      write(UNTIL);
      await asked.promise;
    }
    write("Stopping …\n");
  }
  return 0;
}

/** Ends the stack of a home, whether its supervisor lives or not. */
export async function down(settings: StackSettings): Promise<string> {
  const state = await readState(settings.OCHE_HOME);
  if (!state) return "Nothing runs here.\n";
  if (await isAlive(state.supervisor)) {
    await endProcess(state.supervisor, DOWN_MS);
  }
  await using _lock = await takeStackLock(settings.OCHE_HOME);
  await endLeftovers(settings);
  return "Stopped.\n";
}

/** What a supervisor that was killed could not end itself. */
async function endLeftovers(settings: StackSettings): Promise<void> {
  const state = await readState(settings.OCHE_HOME);
  if (!state) return;
  await endStale(state);
  await removeLeftovers(settings.OCHE_HOME, state);
  await removeState(settings.OCHE_HOME);
}

/** Mounts and sockets, which a process cannot take with it when it is killed. */
async function removeLeftovers(
  home: string,
  { functionsDir, engineSocket }: StackState,
): Promise<void> {
  for (const engine of ["podman", "docker"]) {
    await endHelpers(`${home}/${engine}`, 0);
    await unmountBelow(`${home}/${engine}`);
  }
  if (functionsDir === undefined) return;
  // Beside it lies what is ours of the engine; a running one of others does not.
  if (engineSocket?.startsWith(`${functionsDir}.`)) {
    await endHelpers(`${engineSocket}.exec`, 0);
    await unmountBelow(`${engineSocket}.exec`);
    for (const suffix of ["", ".exec", ".pid"]) {
      await Deno.remove(`${engineSocket}${suffix}`, { recursive: true })
        .catch(() => {});
    }
  }
  await unmountShared(functionsDir);
}

/** Starts `up` in a session of its own, and waits until it answers. */
export async function upDetached(
  { root, settings, progress, write }: UpOptions,
): Promise<number> {
  const { OCHE_HOME: home } = settings;
  await openInstallation(home);
  const logFile = `${home}/up.log`;
  const child = new Deno.Command("/bin/sh", {
    args: [
      "-c",
      'log=$1; shift; exec "$@" >"$log" 2>&1',
      "sh",
      logFile,
      `${root}/oche`,
      "up",
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn();
  child.unref();
  const ended = child.status.then(({ code }) => code);
  const state = await progress.step(
    "Starting in the background",
    () => Promise.race([untilUp(home, child.pid), ended.then(() => undefined)]),
  );
  const text = await Deno.readTextFile(logFile).catch(() => "");
  if (!state) {
    throw new AppError("unavailable", `Cannot start: ${lastSentence(text)}`, {
      hint: `See ${logFile}`,
    });
  }
  write(text.replace(UNTIL, ""));
  write(`\nRuns in the background; end it with ./oche down. Log: ${logFile}\n`);
  return 0;
}

/** The first answer is printed after the state has its URL. */
async function untilUp(
  home: string,
  pid: number,
): Promise<StackState | undefined> {
  for (;;) {
    const state = await readState(home).catch(() => undefined);
    const text = await Deno.readTextFile(`${home}/up.log`).catch(() => "");
    if (state?.supervisor.pid === pid && text.includes(UNTIL)) {
      return state;
    }
    await pause(100);
  }
}

function lastSentence(text: string): string {
  return text.trim().split("\n").at(-1) ?? "it gave no reason";
}
