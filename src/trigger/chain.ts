/** Chains: a function's answer, or why there is none, goes on to a function or a subject. */
import { encodeBody } from "../contracts/body.ts";
import type { CloudRequest } from "../contracts/cloud.ts";
import { AppError } from "../contracts/error.ts";
import type { EventSink } from "../contracts/event.ts";
import {
  type AsyncInvocations,
  invocationIdOf,
} from "../contracts/invocation.ts";
import type { Registry } from "../contracts/port.ts";
import { PROBLEM_TYPE, toProblem } from "../contracts/problem.ts";
import type { ChainTrigger, Triggers } from "../contracts/trigger.ts";
import { HEADER } from "../nats/subject.ts";
import type { Ended } from "./ended.ts";
import { isLoop } from "./hops.ts";
import { continueTrace } from "./trace.ts";

export interface ChainDeps {
  triggers: Triggers;
  registry: Registry;
  async: Pick<AsyncInvocations, "submit">;
  /** Taken by the server when it resolves; the id keeps repeats out of a stream. */
  publish(
    subject: string,
    bytes: Uint8Array,
    headers: Record<string, string>,
    id: string,
  ): Promise<void>;
  events: EventSink;
}

export interface Chains extends Disposable {
  /** Whether any function has one. */
  readonly any: boolean;
  /**
   * Hands on what the function's chains want; again is harmless.
   *
   * @throws {AppError} `unavailable`, `busy`
   */
  follow(ended: Ended): Promise<void>;
}

export async function openChains(deps: ChainDeps): Promise<Chains> {
  /** By id. */
  const chains = new Map<string, ChainTrigger>();
  const watch = deps.triggers.onChange(({ type, record }) => {
    if (record.type !== "chain") return;
    if (type === "put") chains.set(record.id, record);
    else chains.delete(record.id);
  });
  for (const record of await deps.triggers.list()) {
    if (record.type === "chain") chains.set(record.id, record);
  }
  return {
    get any() {
      return chains.size > 0;
    },
    async follow(ended) {
      const outcome = ended.state === "succeeded" ? "success" : "failure";
      for (const chain of chains.values()) {
        const { functionId, enabled, on } = chain;
        if (functionId !== ended.functionId || !enabled || on !== outcome) {
          continue;
        }
        await handOn(deps, chain, ended);
      }
    },
    [Symbol.dispose]: () => watch[Symbol.dispose](),
  };
}

async function handOn(
  deps: ChainDeps,
  chain: ChainTrigger,
  ended: Ended,
): Promise<void> {
  const hops = ended.hops + 1;
  if (isLoop(hops)) return drop(deps, chain, ended, `it is hop ${hops}`);
  const id = invocationIdOf("chain", chain.id, ended.invocationId);
  const { to } = chain;
  const traceparent = continueTrace(ended.traceparent);
  const request = await requestOf(deps, chain, ended);
  if ("function" in to) {
    const target = await deps.registry.find(to.function);
    if (!target) {
      return drop(deps, chain, ended, `there is no function "${to.function}"`);
    }
    try {
      await deps.async.submit({
        functionId: target.id,
        invocationId: id,
        source: { type: "chain", trigger: chain.id },
        request,
        traceparent,
        hops,
      });
    } catch (error) {
      const { code, message } = AppError.from(error);
      if (code !== "not_found" && code !== "invalid") throw error;
      return drop(deps, chain, ended, message);
    }
  } else {
    await deps.publish(to.subject, bytesOf(request), {
      ...request.headers,
      [HEADER.hops]: String(hops),
      [HEADER.traceparent]: traceparent,
    }, id);
  }
  deps.events.emit({
    type: "trigger.fired",
    id: invocationIdOf("event", id, "fired"),
    functionId: chain.functionId,
    traceparent,
    hops,
    data: {
      trigger: chain.name,
      triggerType: "chain",
      invocationId: ended.invocationId,
      to,
    },
  });
}

/** What the next one gets: the answer as it was, or the problem. */
async function requestOf(
  { registry }: ChainDeps,
  { name }: ChainTrigger,
  { functionId, invocationId, response, problem, state }: Ended,
): Promise<CloudRequest> {
  const from = (await registry.find(functionId))?.name ?? functionId;
  const told = {
    "oche-trigger": name,
    "oche-chain-from": from,
    "oche-chain-invocation": invocationId,
    ...(response && { "oche-chain-status": String(response.statusCode) }),
  };
  const base = { method: "POST", path: "/", query: {} };
  if (state === "succeeded") {
    const { body = null, isBase64Encoded } = response ?? {};
    const type = [response?.headers["content-type"]].flat()[0] ??
      (response && encodeBody(response).defaultType);
    return {
      ...base,
      headers: { ...told, ...(type !== undefined && { "content-type": type }) },
      body,
      ...(isBase64Encoded && { isBase64Encoded }),
    };
  }
  const why = problem ?? toProblem(
    new AppError(
      "function_failed",
      `The function answered ${response?.statusCode ?? "nothing"}`,
    ),
  );
  return {
    ...base,
    headers: { ...told, "content-type": PROBLEM_TYPE },
    body: {
      ...why,
      invocationId,
      function: from,
      ...(response && {
        answer: { statusCode: response.statusCode, body: response.body },
      }),
    },
  };
}

function bytesOf({ body, isBase64Encoded }: CloudRequest): Uint8Array {
  const { bytes } = encodeBody({
    statusCode: 200,
    headers: {},
    body,
    ...(isBase64Encoded && { isBase64Encoded }),
  });
  return typeof bytes === "string"
    ? new TextEncoder().encode(bytes)
    : bytes ?? new Uint8Array();
}

function drop(
  { events }: ChainDeps,
  { name, functionId }: ChainTrigger,
  { invocationId, traceparent, hops }: Ended,
  why: string,
): void {
  events.emit({
    type: "trigger.dropped",
    functionId,
    traceparent,
    hops,
    data: { trigger: name, triggerType: "chain", invocationId, why },
  });
}
