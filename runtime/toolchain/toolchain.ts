/** What turns an author's source into an image: a Dart behind one interface. */
import type { SourceTree } from "../source_tree.ts";

/** An analysed function, with everything that a compiler is given. */
export interface BuildInput {
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
  /** How functions are loaded into sandboxes that run already, where they can be. */
  readonly loader?: Loader;
  /** Makes sure that what it builds upon is there. @throws {AppError} `unavailable` */
  prepare(): Promise<void>;
  /** The tag that building would give: by content. */
  imageOf(input: BuildInput): string;
  /** Whether an image speaks as this runtime does; others are of an older Oche. */
  isCurrent(image: string): boolean;
  /**
   * Builds the image that `imageOf` names.
   *
   * @throws {AppError} `build_failed` with the author's places, also when the
   * compiler takes too long; `unavailable` when the engine cannot
   */
  build(
    input: BuildInput,
    say: (line: string) => void,
    signal: AbortSignal,
  ): Promise<void>;
}

export interface Loader {
  /** The tag of its image; others are of an older Oche. */
  readonly image: string;
  /** The image of a sandbox without a function, made at the first call. */
  prepare(): Promise<{ image: string; bytes: number }>;
  /** The compiled artefact of an image, if it was kept. */
  artefact(image: string): Promise<Uint8Array | undefined>;
}
