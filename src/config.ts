/** Environment to configuration, by schema; takes a look-up, never reads Deno.env. */
import { z } from "zod";
import { Origins, PROXY_HEADERS, Rate, Subnets } from "./contracts/access.ts";
import { NetworkNames } from "./contracts/network.ts";
import { parse } from "./contracts/parse.ts";
import { SealKeys } from "./contracts/sealer.ts";

export type Lookup = (name: string) => string | undefined;

const Port = z.coerce.number().int().min(0).max(65_535);
const Milliseconds = z.coerce.number().int().min(1).max(3_600_000);
const Bytes = z.coerce.number().int().min(1).max(1024 ** 3);

const MB = 1024 * 1024;

const Common = z.object({
  NATS_URL: z.string().default("nats://127.0.0.1:4222"),
  OCHE_FUNCTION_TIMEOUT_MS: Milliseconds.default(5_000),
  OCHE_MAX_BODY_BYTES: Bytes.default(6 * MB),
  OCHE_INVOCATION_DAYS: z.coerce.number().int().min(1).max(30).default(7),
  OCHE_DEAD_DAYS: z.coerce.number().int().min(1).max(30).default(14),
  OCHE_CALLBACK_HOSTS: z.string().default(""),
  OCHE_MAX_QUEUED: z.coerce.number().int().min(1).max(10_000_000)
    .default(100_000),
  OCHE_MAX_ARCHIVE_BYTES: Bytes.default(20 * MB),
  OCHE_SEAL_KEYS: SealKeys,
  OCHE_NETWORKS: NetworkNames.default([]),
});

const Gateway = Common.extend({
  /** Names the source of events, beside what it is for the runtime. */
  OCHE_INSTALLATION: z.string().regex(/^[0-9a-f]{8}$/).optional(),
  OCHE_HOST: z.string().default("127.0.0.1"),
  OCHE_PORT: Port.default(8080),
  OCHE_PUBLIC_URL: z.url({ protocol: /^https?$/ }).transform((url) =>
    url.replace(/\/+$/, "")
  ).optional(),
  OCHE_ADMIN_KEY_SHA256: z.string().regex(
    /^[0-9a-f]{64}$/,
    "is not a SHA-256 in hexadecimal",
  ),
  OCHE_MAX_HELD_BYTES: Bytes.default(256 * MB),
  OCHE_BODY_TIMEOUT_MS: Milliseconds.default(30_000),
  OCHE_DEPLOY_TIMEOUT_MS: Milliseconds.default(300_000),
  OCHE_RATE_KEY: Rate.optional(),
  OCHE_RATE_ADDRESS: Rate.optional(),
  OCHE_TRUSTED_PROXIES: Subnets.optional(),
  OCHE_PROXY_HEADER: z.enum(PROXY_HEADERS).default("x-forwarded-for"),
  OCHE_CORS_ORIGINS: Origins.optional(),
});
export type GatewayConfig = z.output<typeof Gateway>;

const Runtime = Common.extend({
  OCHE_INSTALLATION: z.string().regex(/^[0-9a-f]{8}$/),
  OCHE_ENGINE_SOCKET: z.string().default("/var/run/docker.sock"),
  OCHE_FUNCTIONS_DIR: z.string().startsWith("/"),
  SHARED_VOLUME_NAME: z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/)
    .default("functions_data"),
  OCHE_START_TIMEOUT_MS: Milliseconds.default(15_000),
  OCHE_MAX_SANDBOXES: z.coerce.number().int().min(1).max(10_000).default(8),
  OCHE_CALLBACK_SECRET: z.string().regex(
    /^whsec_[A-Za-z0-9+/]{32,}={0,2}$/,
    "is not whsec_ and at least 24 bytes in base64",
  ).optional(),
  OCHE_ASYNC_CONCURRENCY: z.coerce.number().int().min(1).max(10_000)
    .optional(),
  OCHE_MAX_WAITING: z.coerce.number().int().min(0).max(100_000).default(256),
  OCHE_WAIT_MS: Milliseconds.default(5_000),
  OCHE_IDLE_MS: Milliseconds.default(300_000),
  OCHE_FREEZE_MS: z.coerce.number().int().min(0).max(3_600_000)
    .default(30_000),
  OCHE_GROW_MS: Milliseconds.default(50),
  OCHE_MAX_STARTS: z.coerce.number().int().min(1).max(1_000).optional(),
  OCHE_MEMORY_BUDGET_MB: z.coerce.number().int().min(64).optional(),
  OCHE_PREWARMED: z.coerce.number().int().min(0).max(100).default(1),
  OCHE_ISOLATION: z.enum(["reuse", "single-use"]).default("reuse"),
  OCHE_KEEP_VERSIONS: z.coerce.number().int().min(1).max(1_000).default(10),
  OCHE_MAX_UNPACKED_BYTES: Bytes.default(100 * MB),
  OCHE_MAX_SOURCE_BYTES: Bytes.default(MB),
  OCHE_ANALYSIS_TIMEOUT_MS: Milliseconds.default(10_000),
  OCHE_MAX_RESULT_BYTES: Bytes.default(6 * MB),
  OCHE_MAX_LOG_BYTES: Bytes.default(MB),
  OCHE_EXCHANGE_MB: z.coerce.number().int().min(1).max(65_536).optional(),
  OCHE_FUNCTION_CPUS: z.coerce.number().min(0.05).max(64).default(0.5),
  OCHE_FUNCTION_MEMORY_MB: z.coerce.number().int().min(20).optional(),
  OCHE_FUNCTION_PIDS: z.coerce.number().int().min(8).max(4096).default(64),
  OCHE_RUNTIME: z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/)
    .optional(),
  OCHE_DART: z.enum(["auto", "bundled", "image"]).default("auto"),
  OCHE_DART_IMAGE: z.string().default("dart:stable"),
  OCHE_DART_BASE_TAR: z.string().optional(),
  OCHE_DART_BASE_DIGEST: z.string().optional(),
  OCHE_DATABASE_URL: z.string().optional(),
  OCHE_DB_MAX_CONNECTIONS: z.string().optional(),
  OCHE_DB_TIMEOUT_MS: z.string().optional(),
}).refine(
  ({ OCHE_DATABASE_URL, OCHE_NETWORKS }) =>
    OCHE_DATABASE_URL === undefined || OCHE_NETWORKS.length > 0,
  {
    path: ["OCHE_DATABASE_URL"],
    error: "reaches functions with a network alone: approve one " +
      "by OCHE_NETWORKS, and let functions in by ./oche configure --network",
  },
);
export type RuntimeConfig = z.output<typeof Runtime>;

/** @throws {AppError} `invalid`, naming every variable that is wrong */
export function readGatewayConfig(lookup: Lookup): GatewayConfig {
  return parse(Gateway, collect(Gateway, lookup), "the environment");
}

/** @throws {AppError} `invalid`, naming every variable that is wrong */
export function readRuntimeConfig(lookup: Lookup): RuntimeConfig {
  return parse(Runtime, collect(Runtime, lookup), "the environment");
}

/** An empty variable counts as not set. */
function collect(
  schema: z.ZodObject,
  lookup: Lookup,
): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.keys(schema.shape).map((name) => [name, lookup(name) || undefined]),
  );
}
