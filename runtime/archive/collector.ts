/** Gathers the files of an archive, whatever its format, under the same rules. */
import { AppError } from "../../src/contracts/error.ts";
import type { SourceTree } from "../source_tree.ts";
import type { Meter } from "./limits.ts";
import { foldedPath, isNoise, plainPath, refuse } from "./path.ts";

export class Collector {
  readonly #meter: Meter;
  readonly #files = new Map<string, Uint8Array>();
  readonly #seen = new Map<string, "file" | "folder">();

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  /** @throws {AppError} `invalid`, `too_large` */
  addFolder(name: string): void {
    this.#meter.countEntry();
    const path = plainPath(name);
    if (path !== "") this.#claim(name, path, "folder");
  }

  /**
   * @returns where to put the content, or undefined when nobody wants it
   * @throws {AppError} `invalid`, `too_large`
   */
  addFile(name: string): ((content: Uint8Array) => void) | undefined {
    this.#meter.countEntry();
    const path = plainPath(name);
    if (path === "") throw refuse(name, "a file needs a name");
    if (isNoise(path)) return undefined;
    this.#claim(name, path, "file");
    return (content) => this.#files.set(path, content);
  }

  #claim(name: string, path: string, kind: "file" | "folder"): void {
    const segments = path.split("/");
    for (let depth = 1; depth < segments.length; depth++) {
      const parent = foldedPath(segments.slice(0, depth).join("/"));
      if (this.#seen.get(parent) === "file") {
        throw refuse(name, "a file is where it needs a folder");
      }
      this.#seen.set(parent, "folder");
    }
    const folded = foldedPath(path);
    const before = this.#seen.get(folded);
    if (before !== undefined && (kind === "file" || before === "file")) {
      throw refuse(name, "another entry has that name, or one alike");
    }
    this.#seen.set(folded, kind);
  }

  /** @throws {AppError} `invalid` when there is no file */
  tree(): SourceTree {
    if (this.#files.size > 0) return this.#files;
    throw new AppError(
      "invalid",
      "Cannot unpack the archive: it holds no file",
      {
        hint: "Pack the folder of the function",
      },
    );
  }
}
