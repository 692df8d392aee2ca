/**
 * The exchange directory of one sandbox (spec, "Shared Volume Architecture").
 *
 * The function may write into logs.json, result.json and the pipe of answers: it
 * does not own the directory, so it can neither replace nor remove a file. The
 * runtime keeps the files open from the moment it made them, so no link, FIFO
 * or device can take their place.
 */
import { AppError } from "../../src/contracts/error.ts";
import { AnswerPipe } from "./answer_pipe.ts";
import { Doorbell } from "./doorbell.ts";
import { formatEnvFile } from "./env_file.ts";
import { createFile, overwrite, readBounded } from "./open_file.ts";
import { limitDirectory, unlimitDirectory } from "./quota.ts";
import { RingPipe } from "./ring_pipe.ts";

/** Where the volume lies inside a container (spec, "Volume Structure"). */
export const INSIDE_ROOT = "/app/functions";

const DIRECTORY_MODE = 0o755;
const READ_MODE = 0o644;
const WRITE_MODE = 0o666;

export interface ExchangeSpec {
  functionsDir: string;
  functionId: string;
  version: number;
  containerName: string;
  env: Record<string, string>;
  /** All that may lie in it, in bytes; undefined: its folder's limit alone. */
  maxBytes?: number | undefined;
  /** Of a sandbox that runs already; its limit holds then. */
  box?: Box;
}

/**
 * The folder of a sandbox that runs already, mounted at INSIDE_ROOT there: the
 * directory is made in it, and a link leads to it from the usual place.
 */
export interface Box {
  path: string;
  /** Its own, which serves in place of one in the directory. */
  doorbell: Doorbell;
}

/** `{uuid}/v{version}/{containerName}`, below either root. */
export function exchangePath(
  { functionId, version, containerName }: Omit<
    ExchangeSpec,
    "functionsDir" | "env" | "maxBytes" | "box"
  >,
): string {
  return `${functionId}/v${version}/${containerName}`;
}

export class ExchangeDirectory implements Disposable {
  /** On this side. */
  readonly path: string;
  /** Inside the container: SHARED_PATH. */
  readonly insidePath: string;
  readonly doorbell: Doorbell;
  readonly #request: Deno.FsFile;
  readonly #logs: Deno.FsFile;
  readonly #result: Deno.FsFile;
  readonly #made: string;
  readonly #isLimited: boolean;
  /** Bytes in request.json, which nobody else writes. */
  #requestBytes = 0;
  /** Whether logs.json held nothing when it was last read. */
  #isLogEmpty = false;

  /** @throws {AppError} `unavailable` when the shared memory is full or gone */
  constructor(spec: ExchangeSpec) {
    const relative = exchangePath(spec);
    this.path = `${spec.functionsDir}/${relative}`;
    this.insidePath = `${INSIDE_ROOT}/${relative}`;
    const root = spec.box?.path ?? spec.functionsDir;
    this.#made = `${root}/${relative}`;
    this.#isLimited = !spec.box && spec.maxBytes !== undefined;
    try {
      makeDirectories(root, relative);
      if (spec.box) link(spec.functionsDir, this.#made, relative);
      if (this.#isLimited) limitDirectory(this.path, spec.maxBytes ?? 0);
      createFile(`${this.path}/.env.config`, READ_MODE, formatEnvFile(spec.env))
        .close();
      using opened = new DisposableStack();
      const file = (name: string, mode: number) =>
        opened.use(createFile(`${this.path}/${name}`, mode));
      this.#request = file("request.json", READ_MODE);
      this.#logs = file("logs.json", WRITE_MODE);
      this.#result = file("result.json", WRITE_MODE);
      const ring = opened.use(new RingPipe(`${this.path}/ring`));
      const answer = opened.use(new AnswerPipe(`${this.path}/answer`));
      this.doorbell = spec.box?.doorbell ??
        Doorbell.listen(`${this.path}/doorbell`);
      this.doorbell.attach({ ring, answer });
      opened.move();
    } catch (cause) {
      this.#remove();
      if (cause instanceof AppError) throw cause;
      throw new AppError(
        "unavailable",
        `Cannot make the exchange directory below ${spec.functionsDir}`,
        { hint: "Is the shared memory mounted, and is there room?", cause },
      );
    }
  }

  /**
   * Empties the files of the last invocation and lays the next request down.
   *
   * @param bytes JSON.
   * @throws {AppError} `unavailable` when the shared memory is full
   */
  writeRequest(bytes: Uint8Array): void {
    if (!this.#isLogEmpty) this.#logs.truncateSync(0);
    this.#isLogEmpty = false;
    this.#result.truncateSync(0);
    if (bytes.length < this.#requestBytes) {
      this.#request.truncateSync(bytes.length);
    }
    this.#requestBytes = bytes.length;
    try {
      overwrite(this.#request, bytes);
    } catch (cause) {
      throw new AppError("unavailable", "Cannot write request.json", {
        hint: "Is the shared memory full? Raise OCHE_SHARED_MEMORY_MB",
        retryAfter: 1,
        cause,
      });
    }
  }

  /**
   * The answer; it holds until the next read.
   *
   * @throws {RangeError} when the function wrote more than allowed
   */
  readResult(maxBytes: number): Uint8Array {
    const { bytes, size } = readBounded(this.#result, maxBytes);
    if (size <= maxBytes) return bytes;
    throw new RangeError(`result.json has ${size} bytes: at most ${maxBytes}`);
  }

  /** The log file; of too large a one its beginning. */
  readLogs(maxBytes: number): { text: string; cut: boolean } {
    const { bytes, size } = readBounded(this.#logs, maxBytes);
    this.#isLogEmpty = size === 0;
    if (size === 0) return { text: "", cut: false };
    return { text: new TextDecoder().decode(bytes), cut: size > maxBytes };
  }

  [Symbol.dispose](): void {
    this.doorbell[Symbol.dispose]();
    for (const file of [this.#request, this.#logs, this.#result]) file.close();
    this.#remove();
  }

  #remove(): void {
    if (this.#isLimited) unlimitDirectory(this.#made);
    removeTree(this.#made);
    if (this.#made !== this.path) removeTree(this.path);
  }
}

function makeDirectories(root: string, relative: string): void {
  let path = root;
  for (const segment of relative.split("/")) {
    path += `/${segment}`;
    Deno.mkdirSync(path, { recursive: true, mode: DIRECTORY_MODE });
  }
  Deno.chmodSync(path, DIRECTORY_MODE);
}

/** Relative, so that it holds wherever the volume is mounted. */
function link(root: string, made: string, relative: string): void {
  const parent = relative.slice(0, relative.lastIndexOf("/"));
  makeDirectories(root, parent);
  const up = parent.split("/").map(() => "..").join("/");
  Deno.symlinkSync(
    `${up}/${made.slice(root.length + 1)}`,
    `${root}/${relative}`,
  );
}

/** Removes a directory, and the empty ones of its version and function. */
function removeTree(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const version = path.slice(0, path.lastIndexOf("/"));
  for (const parent of [version, version.slice(0, version.lastIndexOf("/"))]) {
    try {
      Deno.removeSync(parent);
    } catch {
      return; // Others still use it.
    }
  }
}
