/** What turns an author's source into an image: a Dart behind one interface. */
import type { SourceTree } from "../source_tree.ts";

/** An analysed function, with everything that a compiler is given. */
export interface BuildInput {
  functionId: string;
  version: number;
  /** The author's files, as they came. */
  source: SourceTree;
  /** The generated entry point. */
  mainDart: string;
  packageConfig: string;
  /** Whether handle() takes a logger. */
  hasLogger: boolean;
  /** The author's package name, and the folder of its pubspec. */
  packageName: string | undefined;
  root: string;
  dependencies: string[];
}

export interface Toolchain {
  readonly name: "bundled" | "image";
  /** Makes sure that what it builds upon is there. @throws {AppError} `unavailable` */
  prepare(): Promise<void>;
  /**
   * Builds the image and gives its tag.
   *
   * @throws {AppError} `build_failed` with the author's places, `timeout`
   */
  build(
    input: BuildInput,
    say: (line: string) => void,
    signal: AbortSignal,
  ): Promise<string>;
}
