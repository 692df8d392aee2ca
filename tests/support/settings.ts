/** Settings of a runtime for tests. */
import type { RuntimeSettings } from "../../runtime/settings.ts";

export function testSettings(
  change: Partial<RuntimeSettings> = {},
): RuntimeSettings {
  return {
    installation: "0123abcd",
    runtimeId: "89abcdef",
    functionsDir: "/nowhere",
    volumeName: "functions_data",
    timeoutMs: 5_000,
    startMs: 15_000,
    maxSandboxes: 8,
    maxWaiting: 8,
    waitMs: 5_000,
    isolation: "reuse",
    idleMs: 60_000,
    freezeMs: 0,
    growMs: 5,
    maxStarts: 2,
    memoryBudgetMb: 4_096,
    prewarmed: 0,
    maxArchiveBytes: 1024 ** 2,
    maxUnpackedBytes: 1024 ** 2,
    maxSourceBytes: 1024 ** 2,
    analysisMs: 10_000,
    keepVersions: 10,
    maxBodyBytes: 1_000,
    maxResultBytes: 1_000,
    maxLogBytes: 1_000,
    exchangeBytes: undefined,
    cpus: 0.5,
    pidsLimit: 64,
    memoryMb: undefined,
    containerRuntime: undefined,
    networks: [],
    database: {},
    ...change,
  };
}
