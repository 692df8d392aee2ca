/** The embedded NATS server: JetStream, loopback only, users with passwords. */
import { mkdir, rename, writeFile } from "node:fs/promises";
import type { NatsUser } from "../contracts/nats_user.ts";
import { pause } from "../pause.ts";
import {
  type ChildExit,
  type ChildOptions,
  superviseChild,
  type SupervisedChild,
} from "./child.ts";
import { canLogIn } from "./nats_login.ts";
import { assertPortFree, LOOPBACK, onFreePort } from "./ports.ts";
import type { ProcessIdentity } from "./process.ts";

export interface NatsServerOptions {
  /** Where JetStream keeps its files; made when it is not there. */
  storeDir: string;
  /** Written with mode 0600, as it holds the passwords. */
  configFile: string;
  logFile: string;
  /** 0 chooses a free one. */
  port: number;
  /** The operator's: all subjects but the server's own. */
  user: string;
  password: string;
  /** With fewer rights. */
  users?: NatsUser[];
  /** Default `oche`. */
  serverName?: string;
  /** The program; by default found on PATH. */
  program?: string;
  /** Caps of JetStream's files and memory, in bytes. */
  maxFileStore?: number;
  maxMemoryStore?: number;
  /** False: a server that dies stays down. */
  restart?: boolean;
  onStart?: (process: ProcessIdentity) => void;
  onExit?: (exit: ChildExit) => void;
}

export interface NatsServer extends AsyncDisposable {
  /** With the operator's credentials, percent-encoded. */
  readonly url: string;
  /** With those of one of the other users. */
  urlOf(user: { name: string; password: string }): string;
  readonly port: number;
  /** Undefined while it does not run. */
  readonly process: ProcessIdentity | undefined;
  stop(graceMs?: number): Promise<void>;
}

const MB = 1024 * 1024;
const MAX_FILE_STORE = 4096 * MB;
const MAX_MEMORY_STORE = 512 * MB;
const RETRY_MS = 20;

/**
 * Starts a server and waits until a client can log in. It is started again
 * when it dies, on the same port.
 *
 * @throws {AppError} `conflict` when the port is in use, else `unavailable`
 */
export async function startNats(
  options: NatsServerOptions,
): Promise<NatsServer> {
  await mkdir(options.storeDir, { recursive: true, mode: 0o700 });
  const startOn = async (port: number) =>
    describe(options, port, await start(options, port));
  if (options.port === 0) return await onFreePort(startOn);
  assertPortFree(options.port);
  return await startOn(options.port);
}

async function start(
  options: NatsServerOptions,
  port: number,
): Promise<SupervisedChild> {
  const { configFile, logFile, user, password } = options;
  const draft = `${configFile}.new`;
  await writeFile(draft, renderConfig(options, port), { mode: 0o600 });
  await rename(draft, configFile);
  const child: ChildOptions = {
    name: "nats-server",
    command: options.program ?? "nats-server",
    args: ["--config", configFile],
    logFile,
    ready: (signal) => untilLoggedIn(port, user, password, signal),
  };
  if (options.restart !== undefined) child.restart = options.restart;
  if (options.onStart) child.onStart = options.onStart;
  if (options.onExit) child.onExit = options.onExit;
  return await superviseChild(child);
}

/** Quoted as JSON, which the server's configuration format reads. */
export function renderConfig(options: NatsServerOptions, port: number): string {
  const allButSystem = { allow: ">", deny: "$SYS.>" };
  const config = {
    server_name: options.serverName ?? "oche",
    listen: `${LOOPBACK}:${port}`,
    max_payload: MB,
    jetstream: {
      store_dir: options.storeDir,
      max_file_store: options.maxFileStore ?? MAX_FILE_STORE,
      max_memory_store: options.maxMemoryStore ?? MAX_MEMORY_STORE,
    },
    authorization: {
      users: [
        {
          user: options.user,
          password: options.password,
          permissions: { publish: allButSystem, subscribe: allButSystem },
        },
        ...(options.users ?? []).map((
          { name, password, publish, subscribe },
        ) => ({ user: name, password, permissions: { publish, subscribe } })),
      ],
    },
  };
  return JSON.stringify(config, undefined, 2) + "\n";
}

/** A login proves more than an open port: that the server there is this one. */
async function untilLoggedIn(
  port: number,
  user: string,
  password: string,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted && !await canLogIn(LOOPBACK, port, user, password)) {
    await pause(RETRY_MS);
  }
}

function describe(
  { user, password }: NatsServerOptions,
  port: number,
  child: SupervisedChild,
): NatsServer {
  const urlOf = (name: string, word: string) =>
    `nats://${encodeURIComponent(name)}:${encodeURIComponent(word)}` +
    `@${LOOPBACK}:${port}`;
  return {
    url: urlOf(user, password),
    urlOf: ({ name, password: word }) => urlOf(name, word),
    port,
    get process() {
      return child.process;
    },
    stop: (graceMs) => child.stop(graceMs),
    [Symbol.asyncDispose]: () => child.stop(),
  };
}
