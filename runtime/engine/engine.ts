/** What the runtime asks of a container engine. Says nothing of any one of them. */

export interface EngineInfo {
  name: "docker" | "podman";
  version: string;
}

export interface ImageInfo {
  id: string;
  bytes: number;
  labels: Record<string, string>;
}

export interface BuildSpec {
  tag: string;
  labels: Record<string, string>;
  /** A tar stream that holds a Dockerfile. */
  context: Uint8Array;
  /** Whether build steps may reach a network; not unless said. */
  network?: boolean;
  signal: AbortSignal;
}

export interface Bind {
  /** On the host. */
  source: string;
  /** Inside. */
  target: string;
  readOnly: boolean;
}

/** A container with all that confines it; there is no unconfined one. */
export interface ContainerSpec {
  name: string;
  image: string;
  /** In place of the image's own. */
  command?: string[];
  labels: Record<string, string>;
  workingDir: string;
  binds: Bind[];
  /** Swap included. */
  memoryBytes: number;
  cpus: number;
  pidsLimit: number;
  /** `uid:gid` */
  user: string;
  /** The name of one, or `none`. */
  network: string;
  /** Mount options by path. */
  tmpfs: Record<string, string>;
  readOnlyRoot: boolean;
  /** Soft and hard alike, by the kernel's name of the limit. */
  ulimits: Record<string, number>;
  /** Another container runtime than the engine's default. */
  runtime?: string;
}

export interface Exit {
  exitCode: number;
  oomKilled: boolean;
}

export type OnLine = (stream: "stdout" | "stderr", line: string) => void;

export interface ContainerSummary {
  id: string;
  name: string;
  labels: Record<string, string>;
}

export interface ImageSummary {
  tag: string;
  labels: Record<string, string>;
}

/** Every method throws {AppError} `unavailable` when the engine cannot be reached. */
export interface ContainerEngine {
  ping(): Promise<EngineInfo>;
  /** Makes an image of a root file system in a tar file. */
  importBase(tag: string, tarFile: string): Promise<void>;
  hasImage(tag: string): Promise<ImageInfo | undefined>;
  /** @throws {AppError} `unavailable` when it is not to be had */
  pull(tag: string): Promise<void>;
  /** Yields the builder's lines. @throws {AppError} `build_failed` */
  buildImage(spec: BuildSpec): AsyncIterable<string>;
  listImages(labels: Record<string, string>): Promise<ImageSummary[]>;
  /** With what was left of building it. Nothing if it is gone, or in use. */
  removeImage(tag: string): Promise<void>;
  /** @returns the id. @throws {AppError} `not_found` without the image */
  create(spec: ContainerSpec): Promise<string>;
  /**
   * Drains what the container writes, for all its life. Call it before start.
   *
   * @returns a promise in an object: `ended` resolves when the output ends
   */
  attach(id: string, onLine: OnLine): Promise<{ ended: Promise<void> }>;
  start(id: string): Promise<void>;
  /** Resolves when an attached container has died. */
  waitExit(id: string): Promise<Exit>;
  /** Takes the CPU away from all of its processes; they keep their memory. */
  freeze(id: string): Promise<void>;
  thaw(id: string): Promise<void>;
  /**
   * Changes the CPU limit of what runs, at no cost to speak of.
   *
   * @returns false where that cannot be done: it has the limit it was made with
   */
  setCpus(id: string, cpus: number): Promise<boolean>;
  /** Kills and removes. Nothing if it is gone. */
  remove(id: string): Promise<void>;
  /** Running or not. */
  list(labels: Record<string, string>): Promise<ContainerSummary[]>;
  hasNetwork(name: string): Promise<boolean>;
  /** Names that a container's `runtime` may have. */
  runtimes(): Promise<string[]>;
  /**
   * A named volume over a folder.
   *
   * @throws {AppError} `conflict` when one of that name is not ours
   */
  ensureVolume(
    name: string,
    spec: { path: string; labels: Record<string, string> },
  ): Promise<void>;
  /** Where a volume's folder is, if there is such a volume. */
  volumePath(name: string): Promise<string | undefined>;
  /** Nothing if it is gone. */
  removeVolume(name: string): Promise<void>;
}
