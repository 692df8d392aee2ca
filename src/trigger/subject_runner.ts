/** Keeps a taker for each active subject trigger, as the triggers change. */
import type { SubjectTrigger, TriggersChange } from "../contracts/trigger.ts";
import { takeCore } from "./subject_core.ts";
import type { SubjectDeps } from "./subject_deps.ts";
import { takeStream } from "./subject_stream.ts";

interface Taking {
  record: SubjectTrigger;
  taker: AsyncDisposable;
}

export class SubjectRunner implements AsyncDisposable {
  readonly #deps: SubjectDeps;
  readonly #taking = new Map<string, Taking>();
  readonly #ending = new Set<Promise<void>>();
  readonly #watch: Disposable;

  private constructor(deps: SubjectDeps) {
    this.#deps = deps;
    this.#watch = deps.triggers.onChange((change) => this.#follow(change));
  }

  static async start(deps: SubjectDeps): Promise<SubjectRunner> {
    const runner = new SubjectRunner(deps);
    for (const record of await deps.triggers.list()) {
      if (record.type === "subject") runner.#begin(record);
    }
    await runner.#sweep();
    return runner;
  }

  #follow({ type, record }: TriggersChange): void {
    if (record.type !== "subject") return;
    const taking = this.#taking.get(record.id);
    const isPut = type === "put";
    if (isPut && taking?.record.updatedAt === record.updatedAt) return;
    if (taking) this.#end(taking);
    if (isPut) this.#begin(record);
    const before = taking?.record ?? record;
    if (!isPut || before.stream !== record.stream) this.#forget(before);
  }

  #begin(record: SubjectTrigger): void {
    if (!record.enabled) return;
    const take = record.stream === undefined ? takeCore : takeStream;
    this.#taking.set(record.id, {
      record,
      taker: take(this.#deps, record),
    });
  }

  #end({ record, taker }: Taking): void {
    this.#taking.delete(record.id);
    const ending = Promise.resolve(taker[Symbol.asyncDispose]())
      .finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  #forget(record: SubjectTrigger): void {
    if (record.stream === undefined) return;
    const { source, log } = this.#deps;
    source.forget(record).catch((error) =>
      log.warn("Cannot remove the consumers of a trigger", { error })
    );
  }

  /** What was removed while no gateway ran. */
  async #sweep(): Promise<void> {
    const { triggers, source, log } = this.#deps;
    try {
      const ids = (await triggers.list()).map(({ id }) => id);
      await source.keepOnly(new Set(ids));
    } catch (error) {
      log.warn("Cannot remove consumers of removed triggers", { error });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch[Symbol.dispose]();
    for (const taking of this.#taking.values()) this.#end(taking);
    await Promise.all(this.#ending);
  }
}
