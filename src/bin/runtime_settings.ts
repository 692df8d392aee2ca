/** What the environment says to the runtime, as its settings. */
import { exchangeNeeds } from "../../runtime/exchange/size.ts";
import type { RuntimeSettings } from "../../runtime/settings.ts";
import type { RuntimeConfig } from "../config.ts";

export function settingsOf(config: RuntimeConfig): RuntimeSettings {
  return {
    installation: config.OCHE_INSTALLATION,
    runtimeId: crypto.randomUUID().slice(0, 8),
    functionsDir: config.OCHE_FUNCTIONS_DIR,
    volumeName: config.SHARED_VOLUME_NAME,
    timeoutMs: config.OCHE_FUNCTION_TIMEOUT_MS,
    startMs: config.OCHE_START_TIMEOUT_MS,
    maxSandboxes: config.OCHE_MAX_SANDBOXES,
    maxWaiting: config.OCHE_MAX_WAITING,
    waitMs: config.OCHE_WAIT_MS,
    isolation: config.OCHE_ISOLATION,
    idleMs: config.OCHE_IDLE_MS,
    freezeMs: config.OCHE_FREEZE_MS,
    growMs: config.OCHE_GROW_MS,
    maxStarts: config.OCHE_MAX_STARTS ??
      Math.max(2, navigator.hardwareConcurrency),
    memoryBudgetMb: config.OCHE_MEMORY_BUDGET_MB ?? halfOfMemory(),
    prewarmed: config.OCHE_PREWARMED,
    maxArchiveBytes: config.OCHE_MAX_ARCHIVE_BYTES,
    maxUnpackedBytes: config.OCHE_MAX_UNPACKED_BYTES,
    maxSourceBytes: config.OCHE_MAX_SOURCE_BYTES,
    analysisMs: config.OCHE_ANALYSIS_TIMEOUT_MS,
    keepVersions: config.OCHE_KEEP_VERSIONS,
    maxBodyBytes: config.OCHE_MAX_BODY_BYTES,
    maxResultBytes: config.OCHE_MAX_RESULT_BYTES,
    maxLogBytes: config.OCHE_MAX_LOG_BYTES,
    exchangeBytes: exchangeBytes(config),
    cpus: config.OCHE_FUNCTION_CPUS,
    pidsLimit: config.OCHE_FUNCTION_PIDS,
    memoryMb: config.OCHE_FUNCTION_MEMORY_MB,
    containerRuntime: config.OCHE_RUNTIME,
    networks: config.OCHE_NETWORKS,
    database: databaseVariables(config),
  };
}

/** What is asked for, or the largest request, answer and log. */
function exchangeBytes(config: RuntimeConfig): number {
  if (config.OCHE_EXCHANGE_MB !== undefined) {
    return config.OCHE_EXCHANGE_MB * 1024 * 1024;
  }
  return exchangeNeeds(
    config.OCHE_MAX_BODY_BYTES,
    config.OCHE_MAX_RESULT_BYTES,
    config.OCHE_MAX_LOG_BYTES,
  );
}

function halfOfMemory(): number {
  return Math.floor(Deno.systemMemoryInfo().total / 2 / 1024 / 1024);
}

/** The three that the spec names, as far as they are configured. */
function databaseVariables(config: RuntimeConfig): Record<string, string> {
  return Object.fromEntries(
    Object.entries({
      DATABASE_URL: config.OCHE_DATABASE_URL,
      DB_MAX_CONNECTIONS: config.OCHE_DB_MAX_CONNECTIONS,
      DB_TIMEOUT_MS: config.OCHE_DB_TIMEOUT_MS,
    }).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
