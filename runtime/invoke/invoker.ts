/** One invocation: find the version, get a sandbox, call it, tell what came of it. */
import type { CloudRequest, StartKind } from "../../src/contracts/cloud.ts";
import { AppError } from "../../src/contracts/error.ts";
import type { EventSink } from "../../src/contracts/event.ts";
import { jsonOf } from "../../src/contracts/json_source.ts";
import type { VersionRecord } from "../../src/contracts/function.ts";
import type {
  InvokeOptions,
  InvokeReply,
  LogStore,
  Registry,
} from "../../src/contracts/port.ts";
import type { Logger } from "../../src/log.ts";
import type { CallResult } from "../sandbox/sandbox.ts";
import type { RuntimeSettings } from "../settings.ts";
import { Attention } from "./attention.ts";
import { resolveVersion } from "./resolve.ts";
import type { Sandboxes } from "./sandboxes.ts";

export interface InvokerDeps {
  registry: Registry;
  logs: LogStore;
  events: EventSink;
  sandboxes: Sandboxes;
  settings: RuntimeSettings;
  log: Logger;
}

export class Invoker {
  readonly #deps: InvokerDeps;
  readonly #attention = new Attention();

  constructor(deps: InvokerDeps) {
    this.#deps = deps;
  }

  /** @throws {AppError} what there is no invocation for: `not_found`, `busy` … */
  async invoke(
    ref: string,
    request: CloudRequest,
    {
      version: wanted,
      deadline = Infinity,
      invocationId = crypto.randomUUID(),
      signal,
      hops = 0,
    }: InvokeOptions,
  ): Promise<InvokeReply> {
    const { registry, sandboxes } = this.#deps;
    const { record, version } = await resolveVersion(registry, ref, wanted);
    if (deadline <= Date.now()) {
      throw new AppError("timeout", "Cannot invoke: the deadline has passed", {
        hint: "Send a later Oche-Deadline, in milliseconds since 1970",
      });
    }
    const begun = performance.now();
    let leased: number | undefined;
    let start: StartKind = "cold";
    /** Who got no sandbox waited for a start in vain. */
    let startMs: number | undefined;
    let result: CallResult;
    using _underWay = this.#attention.begin();
    try {
      using lease = await sandboxes.lease(record, version, deadline);
      ({ start, startMs } = lease);
      leased = performance.now();
      using _ending = endOn(signal, () => lease.worker.close());
      using run = this.#attention.run(lease.queued);
      result = await lease.worker.call(
        invocationId,
        jsonOf(request),
        Math.min(deadline, Date.now() + this.#deps.settings.timeoutMs),
        run.wait,
      );
    } catch (thrown) {
      const error = AppError.from(thrown);
      if (error.code === "busy") throw error;
      this.#report(invocationId, version, thrown);
      result = { outcome: { error }, logs: [] };
    }
    if (result.outcome.error) {
      this.#tell(invocationId, version, result.outcome.error, hops);
    }
    this.#keepLogs(invocationId, version, result);
    const ended = performance.now();
    const waitMs = (leased ?? ended) - begun;
    return {
      invocationId,
      version: version.version,
      durationMs: ended - begun,
      waitMs,
      startMs: startMs ?? waitMs,
      start,
      ...result,
    };
  }

  /** A sandbox that died of an invocation is worth an event. */
  #tell(
    invocationId: string,
    { functionId, version }: VersionRecord,
    { code, reason, message }: AppError,
    hops: number,
  ): void {
    const why = code === "timeout" ? code : reason;
    if (why !== "timeout" && why !== "oom" && why !== "crash") return;
    this.#deps.events.emit({
      type: "sandbox.killed",
      functionId,
      hops,
      data: { version, invocationId, reason: why, detail: message },
    });
  }

  #keepLogs(
    invocationId: string,
    { functionId, version }: VersionRecord,
    { logs: lines }: CallResult,
  ): void {
    if (lines.length === 0) return;
    this.#deps.logs.append({ functionId, version, invocationId, lines })
      .catch((error) =>
        this.#deps.log.warn("Cannot keep log lines", { error })
      );
  }

  /** What is not the function's fault is the operator's to know. */
  #report(invocationId: string, version: VersionRecord, error: unknown): void {
    if (error instanceof AppError && error.code !== "unavailable") return;
    this.#deps.log.error("Cannot run an invocation", {
      invocationId,
      functionId: version.functionId,
      version: version.version,
      error,
    });
  }
}

/** Does it once when the signal comes, unless the block was left before. */
function endOn(
  signal: AbortSignal | undefined,
  end: () => Promise<void>,
): Disposable {
  if (signal?.aborted) throw new AppError("conflict", "It was cancelled");
  const act = () => void end().catch(() => {});
  signal?.addEventListener("abort", act, { once: true });
  return {
    [Symbol.dispose]: () => signal?.removeEventListener("abort", act),
  };
}
