/** The interfaces through which the edges reach what remembers and transports. */
import type { CloudRequest, CloudResponse, StartKind } from "./cloud.ts";
import type {
  Analysis,
  BuildEvent,
  DeployEvent,
  ValidateRequest,
} from "./deploy.ts";
import type { AppError } from "./error.ts";
import type {
  FunctionChange,
  FunctionRecord,
  VersionRecord,
} from "./function.ts";
import type { LogBatch, LogEntry, LogLine, LogQuery } from "./log.ts";

/** Functions and versions. Reads come from a view that a watch keeps fresh. */
export interface Registry {
  /** By name or id. */
  find(ref: string): Promise<FunctionRecord | undefined>;
  list(): Promise<FunctionRecord[]>;
  /**
   * Keys of records that cannot be read here, as of a later Oche. They are in no
   * list: while there are any, what no record owns may yet be theirs.
   */
  unreadable(): Promise<string[]>;
  /** The function of that name, made at the first call. */
  ensure(
    name: string,
    settings: { public?: boolean | undefined },
  ): Promise<FunctionRecord>;
  /** @throws {AppError} `not_found` */
  configure(id: string, change: FunctionChange): Promise<FunctionRecord>;
  version(id: string, version: number): Promise<VersionRecord | undefined>;
  /**
   * A function and a version, by default its current one, as they are stored:
   * of what was written a moment ago the view may not have heard yet.
   */
  stored(ref: string, version: number | undefined): Promise<StoredVersion>;
  /** Oldest first. */
  versions(id: string): Promise<VersionRecord[]>;
  /** Gives out the next number. @throws {AppError} `not_found` */
  addVersion(id: string, sha256: string): Promise<VersionRecord>;
  /** Changes a version. @throws {AppError} `not_found` when it is gone */
  updateVersion(
    id: string,
    version: number,
    change: Partial<VersionRecord>,
  ): Promise<VersionRecord>;
  /**
   * Forgets a version, but never the current one.
   *
   * @returns whether it is gone
   */
  removeVersion(id: string, version: number): Promise<boolean>;
  /** @throws {AppError} `not_found`, or `conflict` when it is not ready */
  setCurrent(id: string, version: number): Promise<FunctionRecord>;
  /** Removes a function with all of its versions; nothing if it is gone. */
  remove(id: string): Promise<void>;
  /** Calls back for every change from now on, until disposed of. */
  onChange(callback: (change: RegistryChange) => void): Disposable;
}

export interface StoredVersion {
  record?: FunctionRecord;
  version?: VersionRecord;
}

export type RegistryChange =
  | { type: "function"; record: FunctionRecord }
  | { type: "version"; record: VersionRecord }
  | { type: "removed"; id: string };

/** Bytes too large for a message, by name. */
export interface ObjectStore {
  put(name: string, bytes: Uint8Array): Promise<void>;
  /**
   * @param maxBytes Of what is stored; more is not fetched.
   * @throws {AppError} `not_found`, `too_large`
   */
  get(name: string, maxBytes?: number): Promise<Uint8Array>;
  /** Nothing if it is gone. */
  remove(name: string): Promise<void>;
}

export interface StoredObject {
  name: string;
  bytes: number;
  /** Milliseconds since 1970. */
  modifiedAt: number;
}

/** What the stores hold, for whoever removes what is not in use. */
export interface StoreUpkeep {
  objects(): Promise<{ archives: StoredObject[]; artefacts: StoredObject[] }>;
  /** What says that a record was removed, once everybody knows. */
  removeMarkers(): Promise<void>;
}

export interface LogStore {
  append(batch: LogBatch): Promise<void>;
  /** The newest lines that match, newest last. */
  query(functionId: string, query: LogQuery): Promise<LogEntry[]>;
  /** Forgets a function's lines. */
  purge(functionId: string): Promise<void>;
}

export interface InvokeOptions {
  version?: number | undefined;
  /** Absolute, milliseconds since 1970. */
  deadline?: number | undefined;
  idempotencyKey?: string | undefined;
  traceparent?: string | undefined;
  /** Invocations that led to this one, one by another. */
  hops?: number | undefined;
  /** Ask for the log lines with the answer. */
  logs?: boolean;
  /** Random unless said. Within a program only: it is not on the wire. */
  invocationId?: string | undefined;
  /** Ends the invocation and its sandbox. Within a program only. */
  signal?: AbortSignal | undefined;
}

/** What an invocation came to. */
export interface InvokeReply {
  invocationId: string;
  version: number;
  durationMs: number;
  /** Of the duration: until there was a sandbox, queueing and start together. */
  waitMs: number;
  /** Of the wait: the sandbox's start. */
  startMs: number;
  start: StartKind;
  logs: LogLine[];
  /** The function's answer, or why there is none. */
  outcome:
    | { response: CloudResponse; error?: never }
    | { error: AppError; response?: never };
}

/** What the gateway asks of the runtime. */
export interface RuntimeClient {
  /**
   * @throws {AppError} `unavailable` when no runtime listens, `timeout`, or
   * what the runtime refused before there was an invocation
   */
  invoke(
    ref: string,
    request: CloudRequest,
    options: InvokeOptions,
  ): Promise<InvokeReply>;
  /** @throws {AppError} the refusal, or `unavailable` */
  validate(request: ValidateRequest): Promise<Analysis>;
  /** Durable when it returns. */
  deploy(event: DeployEvent): Promise<void>;
  /** Progress of one deploy. Subscribed when the promise resolves. */
  watchBuild(
    id: string,
    version: number,
    callback: (event: BuildEvent) => void,
  ): Promise<AsyncDisposable>;
}

/** What the runtime does for whoever asks over the wire. */
export interface RuntimeHandlers {
  invoke(
    ref: string,
    request: CloudRequest,
    options: InvokeOptions,
  ): Promise<InvokeReply>;
  validate(request: ValidateRequest): Promise<Analysis>;
  /** Ends in the version record; throws only when it should be tried again. */
  deploy(event: DeployEvent, attempt: number): Promise<void>;
}

/** Build progress, from the runtime to whoever watches. */
export interface BuildProgress {
  emit(id: string, version: number, event: BuildEvent): void;
}
