/** What the embedded engines have in common: a daemon on a private socket, and no trace of it after. */
import { rm } from "node:fs/promises";
import { AppError } from "../contracts/error.ts";
import { pause } from "../pause.ts";
import { superviseChild, type SupervisedChild } from "./child.ts";
import { endHelpers, unmountBelow } from "./engine_leftovers.ts";
import type { ProcessIdentity } from "./process.ts";
import { findPrograms } from "./run.ts";

export interface EngineOptions {
  /** For what the engine stores; kept from run to run. */
  root: string;
  /** At most 107 bytes. */
  socketPath: string;
  logFile: string;
  /** Another container runtime than the usual one, such as runsc. */
  runtime?: string | undefined;
  /** Every start, also after it died. */
  onStart?: (process: ProcessIdentity) => void;
}

export interface EngineProcess extends AsyncDisposable {
  socketPath: string;
  readonly pid: number | undefined;
}

export interface DaemonSpec {
  name: string;
  command: string;
  args: string[];
  /** A shell's program that execs its arguments at last, and its `$0`. */
  before?: [script: string, name: string];
  env?: Record<string, string>;
  cwd?: string;
  /** Folders below which nothing may stay mounted. */
  folders: string[];
  /** Of them, those of one run. */
  temporary?: string[];
  /** What to install when the program is absent. */
  packages: readonly string[];
}

const MAX_SOCKET_PATH = 107;
const READY_MS = 30_000;
const RETRY_MS = 20;
/** Would make a client of another engine of it; `./oche env` sets one. */
const WITHOUT = ["CONTAINER_HOST", "CONTAINER_CONNECTION", "DOCKER_HOST"];
/** How long an engine's helpers may outlive it, in milliseconds. */
const HELPERS_MS = 5_000;

/** @throws {AppError} `unavailable` with the last lines of the log */
export async function startDaemon(
  { socketPath, logFile, onStart }: EngineOptions,
  spec: DaemonSpec,
): Promise<EngineProcess> {
  if (new TextEncoder().encode(socketPath).length > MAX_SOCKET_PATH) {
    throw new AppError(
      "invalid",
      `Cannot listen on "${socketPath}": the path is too long`,
      { hint: `A socket's path holds ${MAX_SOCKET_PATH} bytes` },
    );
  }
  const program = (await findPrograms([spec.command])).get(spec.command);
  if (program === undefined) {
    throw new AppError("unavailable", `Cannot find ${spec.command}`, {
      hint: `Install it: apt-get install ${spec.packages.join(" ")}`,
    });
  }
  await rm(socketPath, { force: true });
  const child = await superviseChild({
    name: spec.name,
    command: "env",
    args: [
      ...WITHOUT.flatMap((name) => ["-u", name]),
      ...(spec.before ? ["/bin/sh", "-c", ...spec.before] : []),
      program,
      ...spec.args,
    ],
    logFile,
    ready: (signal) => untilAnswers(socketPath, signal),
    readyTimeoutMs: READY_MS,
    ...(onStart && { onStart }),
    ...(spec.env && { env: spec.env }),
    ...(spec.cwd !== undefined && { cwd: spec.cwd }),
  });
  return describe(child, socketPath, spec);
}

function describe(
  child: SupervisedChild,
  socketPath: string,
  { folders, temporary = [] }: DaemonSpec,
): EngineProcess {
  return {
    socketPath,
    get pid() {
      return child.process?.pid;
    },
    async [Symbol.asyncDispose]() {
      await child.stop();
      for (const folder of folders) await endHelpers(folder, HELPERS_MS);
      for (const folder of folders) await unmountBelow(folder);
      for (const path of [socketPath, ...temporary]) {
        await rm(path, { recursive: true, force: true });
      }
    },
  };
}

/** `GET /_ping` (Docker Engine API, "SystemPing"), which Podman answers too. */
async function untilAnswers(
  socketPath: string,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted && !await pings(socketPath)) {
    await pause(RETRY_MS);
  }
}

async function pings(path: string): Promise<boolean> {
  try {
    using connection = await Deno.connect({ transport: "unix", path });
    await connection.write(
      new TextEncoder().encode(
        "GET /_ping HTTP/1.1\r\nHost: engine\r\nConnection: close\r\n\r\n",
      ),
    );
    const answer = new Uint8Array(64);
    const count = await connection.read(answer) ?? 0;
    return /^HTTP\/1\.1 200/.test(
      new TextDecoder().decode(answer.subarray(0, count)),
    );
  } catch {
    return false;
  }
}
