/**
 * A sandbox without a function: the VM runs in its final security settings and
 * waits for the one version that it is going to serve. It serves no other.
 */
import { AppError } from "../../src/contracts/error.ts";
import { type ExchangeDirectory, INSIDE_ROOT } from "../exchange/directory.ts";
import { Doorbell } from "../exchange/doorbell.ts";
import { limitDirectory, unlimitDirectory } from "../exchange/quota.ts";
import { containerLabels } from "../labels.ts";
import { SandboxContainer } from "../sandbox/container.ts";
import { within } from "../sandbox/deadline.ts";
import { timeoutError } from "../sandbox/failure.ts";
import { harden, maxFileBytes } from "../sandbox/hardening.ts";
import { Sandbox, type SandboxSource } from "../sandbox/sandbox.ts";
import { exchangeOf, type SandboxTarget } from "../sandbox/target.ts";
import type { RuntimeSettings } from "../settings.ts";

/** Below functionsDir: the folders that such sandboxes have mounted. */
export const BOXES = ".generic";

const PROGRAM = "function.dill";

export class GenericSandbox {
  readonly memoryMb: number;
  readonly #settings: RuntimeSettings;
  readonly #name: string;
  readonly #box: string;
  readonly #doorbell: Doorbell;
  readonly #container: SandboxContainer;
  #isAlive = true;

  private constructor(
    { settings, containerName }: SandboxSource,
    parts: { box: string; doorbell: Doorbell; container: SandboxContainer },
    memoryMb: number,
  ) {
    this.memoryMb = memoryMb;
    this.#settings = settings;
    this.#name = containerName;
    this.#box = parts.box;
    this.#doorbell = parts.doorbell;
    this.#container = parts.container;
    this.#container.onDeath(() => {
      this.#isAlive = false;
    });
  }

  get isAlive(): boolean {
    return this.#isAlive && !this.#doorbell.isBroken;
  }

  onDeath(callback: () => void): void {
    this.#container.onDeath(callback);
  }

  /**
   * Resolves when the VM waits for a function.
   *
   * @param deadline Absolute, in milliseconds since 1970.
   * @param signal Nobody wants it any more; it is gone then.
   * @throws {AppError} `function_failed`, `timeout`, `unavailable`
   */
  static async start(
    source: SandboxSource,
    { image, memoryMb }: { image: string; memoryMb: number },
    deadline: number,
    signal: AbortSignal,
  ): Promise<GenericSandbox> {
    const { engine, settings, containerName: name } = source;
    const box = `${settings.functionsDir}/${BOXES}/${name}`;
    Deno.mkdirSync(box, { recursive: true, mode: 0o755 });
    let doorbell: Doorbell | undefined;
    try {
      if (settings.exchangeBytes !== undefined) {
        limitDirectory(box, settings.exchangeBytes);
      }
      doorbell = Doorbell.listen(`${box}/doorbell`);
      const container = await SandboxContainer.start(
        engine,
        specOf(settings, { name, image, memoryMb, box }),
      );
      const generic = new GenericSandbox(
        source,
        { box, doorbell, container },
        memoryMb,
      );
      container.onDeath(() => generic.#doorbell[Symbol.dispose]());
      const abort = () => generic.#doorbell[Symbol.dispose]();
      signal.addEventListener("abort", abort, { once: true });
      if (signal.aborted) abort();
      const how = await within(deadline, doorbell.ready);
      if (how === "ready") return generic;
      const error = how === "timeout"
        ? timeoutError("Cannot start a sandbox ahead in time")
        : await container.whyItDied(deadline);
      await generic.close();
      throw error;
    } catch (error) {
      doorbell?.[Symbol.dispose]();
      removeBox(box);
      throw error;
    }
  }

  /**
   * Hands a version in; this sandbox is that version's from now on.
   *
   * @param program The compiled artefact.
   * @throws {AppError} `function_failed` when it does not come up, `timeout`,
   * `unavailable` when there is no room; it is gone then
   */
  async become(
    target: SandboxTarget,
    program: Uint8Array,
    deadline: number,
  ): Promise<Sandbox> {
    if (!this.isAlive) {
      throw new AppError("internal", "Cannot use a sandbox that has ended");
    }
    const file = `${this.#box}/${PROGRAM}`;
    let exchange: ExchangeDirectory;
    try {
      Deno.writeFileSync(file, program, { createNew: true, mode: 0o644 });
      // It is told what every sandbox of the version has: what is more here is
      // the loader's.
      exchange = exchangeOf(this.#settings, target, this.#name, {
        path: this.#box,
        doorbell: this.#doorbell,
      });
    } catch (cause) {
      await this.close();
      throw new AppError("unavailable", "Cannot hand a function in", { cause });
    }
    const sandbox = await Sandbox.of(
      this.#settings,
      {
        container: this.#container,
        exchange,
        loaded: this.#doorbell.load(
          `${INSIDE_ROOT}/${PROGRAM}`,
          exchange.insidePath,
        ),
      },
      deadline,
    );
    void sandbox.closed.then(() => this.#clean());
    Deno.removeSync(file);
    return sandbox;
  }

  #clean(): void {
    this.#doorbell[Symbol.dispose]();
    removeBox(this.#box);
  }

  async close(): Promise<void> {
    this.#isAlive = false;
    try {
      await this.#container.remove();
    } finally {
      this.#clean();
    }
  }
}

function specOf(
  settings: RuntimeSettings,
  { name, image, memoryMb, box }: {
    name: string;
    image: string;
    memoryMb: number;
    box: string;
  },
) {
  return {
    name,
    image,
    labels: containerLabels(settings, "sandbox"),
    workingDir: INSIDE_ROOT,
    binds: [{ source: box, target: INSIDE_ROOT, readOnly: false }],
    ...harden({ ...settings, memoryMb, maxFileBytes: maxFileBytes(settings) }),
  };
}

function removeBox(path: string): void {
  unlimitDirectory(path);
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
