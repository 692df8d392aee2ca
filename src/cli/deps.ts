/** What the command line is given; the bin wires the real ones. */

export interface StackCommands {
  up(options: { once: boolean; detach: boolean }): Promise<number>;
  down(): Promise<number>;
  test(
    options: { filter?: string | undefined; long: boolean },
  ): Promise<number>;
  bench(
    options: { quick: boolean; engine?: string | undefined; out: string },
  ): Promise<number>;
  doctor(options: { json: boolean }): Promise<number>;
  /** @returns what there is to know, for people */
  rotateSeal(options: { dropOld: boolean }): Promise<string>;
}

export interface CliDeps {
  env(name: string): string | undefined;
  cwd: string;
  stdout(text: string): void;
  stderr(text: string): void;
  isTty: boolean;
  fetch: typeof fetch;
  /** Folder of the scaffolds for `init`. */
  templates: string;
  version: string;
  stack: StackCommands;
}
