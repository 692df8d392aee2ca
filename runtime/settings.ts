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
  /** How long a sandbox is kept for the next call; 0 gives each call its own. */
  idleMs: number;
  maxBodyBytes: number;
  maxResultBytes: number;
  maxLogBytes: number;
  cpus: number;
  pidsLimit: number;
  /** Overrides what the image's size asks for, in MB. */
  memoryMb: number | undefined;
  /** The engine's name of a stronger runtime, such as runsc. */
  containerRuntime: string | undefined;
  /** DATABASE_URL and its kind, handed to every function. */
  database: Record<string, string>;
}

/** What the bundled VM needs to start at all; below, it hangs. */
const TOOLCHAIN_FLOOR_MB = 32;
/** The spec's floor. */
const FLOOR_MB = 20;
const DEFAULT_MB = 64;
const IMAGE_FACTOR = 1.5;

/** Memory of a sandbox in MB: from the image's size, or as configured. */
export function memoryFor(imageBytes: number, override?: number): number {
  const asked = override ??
    Math.max(DEFAULT_MB, Math.ceil(IMAGE_FACTOR * imageBytes / 1024 / 1024));
  return Math.max(asked, FLOOR_MB, TOOLCHAIN_FLOOR_MB);
}
