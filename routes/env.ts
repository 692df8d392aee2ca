/** What the routes are given, and what a request carries through them. */
import type { AddressLimit } from "../src/auth/address_limit.ts";
import type { Deliveries } from "../src/contracts/deliveries.ts";
import type { EventFeed, EventSink } from "../src/contracts/event.ts";
import type { KeyRing, KeyStore } from "../src/contracts/key.ts";
import type { DeadLetters } from "../src/contracts/dead.ts";
import type {
  AsyncInvocations,
  CallbackTarget,
} from "../src/contracts/invocation.ts";
import type {
  LogStore,
  ObjectStore,
  Registry,
  RuntimeClient,
} from "../src/contracts/port.ts";
import type { Sealer } from "../src/contracts/sealer.ts";
import type {
  InvokeSignatures,
  SecretStore,
} from "../src/contracts/signature.ts";
import type { Storage } from "../src/contracts/storage.ts";
import type { Triggers } from "../src/contracts/trigger.ts";
import type { Logger } from "../src/log.ts";

export interface GatewayLimits {
  /** Of a request to a function, in bytes. */
  bodyBytes: number;
  /** How long the body of any request may take to arrive, in milliseconds. */
  bodyMs: number;
  /** What bodies of all requests under way may hold together, in bytes. */
  heldBytes: number;
  /** Of an uploaded archive, in bytes. */
  archiveBytes: number;
  /** How long an HTTP answer waits for a deploy, in milliseconds. */
  deployMs: number;
}

export interface GatewayDeps {
  registry: Registry;
  async: AsyncInvocations;
  dead: DeadLetters;
  /** @throws {AppError} why an outcome may not be told there */
  checkCallback(target: CallbackTarget): void;
  triggers: Triggers;
  /** Where lifecycle events go, and come from. */
  events: EventSink;
  feed: EventFeed;
  deliveries: Deliveries;
  archives: ObjectStore;
  claims: ObjectStore;
  logs: LogStore;
  storage: Storage;
  runtime: RuntimeClient;
  /** For secrets that are stored. */
  sealer: Sealer;
  /** What a request's key is looked up in. */
  keys: KeyRing;
  keyStore: KeyStore;
  secrets: SecretStore;
  signatures: InvokeSignatures;
  /** Undefined: an address may ask as often as it likes. */
  addressLimit?: AddressLimit | undefined;
  /** Whose pages may read answers; empty: nobody's. */
  corsOrigins: readonly string[];
  limits: GatewayLimits;
  /** Networks that functions may be let into. */
  networks: readonly string[];
  /** Where callers reach the gateway, when it is not where they asked. */
  publicUrl?: string | undefined;
  log: Logger;
  /** Of Oche itself. */
  version: string;
  /** @throws when what the gateway depends on does not answer */
  checkReady(): Promise<void>;
}

/** Of these, what a route that invokes needs. */
export type InvokeDeps = Pick<
  GatewayDeps,
  | "registry"
  | "runtime"
  | "keys"
  | "limits"
  | "signatures"
  | "async"
  | "checkCallback"
>;
