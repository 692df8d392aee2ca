/** What a runtime is told about its surroundings and its limits. */

export interface RuntimeSettings {
  /** Of the installation: 8 hexadecimal digits. */
  installation: string;
  /** Of this runtime process: 8 hexadecimal digits. */
  runtimeId: string;
  /** The memory-backed folder under the volume. */
  functionsDir: string;
  volumeName: string;
  /** Default limit of one invocation, in milliseconds. */
  timeoutMs: number;
  /** How long a sandbox may take to be ready, in milliseconds. */
  startMs: number;
  maxSandboxes: number;
  /** Calls that may wait for a sandbox. */
  maxWaiting: number;
  /** How long a call may wait for a sandbox, in milliseconds. */
  waitMs: number;
  /** Unless the function says otherwise. */
  isolation: "reuse" | "single-use";
  /** How long a sandbox is kept for the next call, in milliseconds. */
  idleMs: number;
  /** An idle sandbox loses the CPU after this, in milliseconds; 0 never. */
  freezeMs: number;
  /** Another sandbox is started when the wait is longer, in milliseconds. */
  growMs: number;
  /** Sandboxes that start at once. */
  maxStarts: number;
  /** Memory limits of all sandboxes together, in MB. */
  memoryBudgetMb: number;
  /** Sandboxes kept started without a function. */
  prewarmed: number;
  /** Of an archive, and of what it unpacks to. */
  maxArchiveBytes: number;
  maxUnpackedBytes: number;
  /** Of a .dart file that has to be parsed. */
  maxSourceBytes: number;
  /** How long the analysis of an archive's files may take, in milliseconds. */
  analysisMs: number;
  /** Ready versions kept of a function besides the current one; failed ones too. */
  keepVersions: number;
  maxBodyBytes: number;
  maxResultBytes: number;
  maxLogBytes: number;
  /**
   * All that may lie in one sandbox's exchange directory; undefined where no
   * limit of its own can be set.
   */
  exchangeBytes: number | undefined;
  cpus: number;
  pidsLimit: number;
  /** Overrides what the image's size asks for, in MB. */
  memoryMb: number | undefined;
  /** The engine's name of a stronger runtime, such as runsc. */
  containerRuntime: string | undefined;
  /** Of the engine: those that functions may be let into. */
  networks: readonly string[];
  /** DATABASE_URL and its kind, for functions that have a network. */
  database: Record<string, string>;
}
