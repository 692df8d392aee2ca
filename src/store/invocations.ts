/** Records of asynchronous invocations, sealed, on a KV bucket, changed by compare-and-set. */
import type {
  InvocationStore,
  StoredInvocation,
} from "../contracts/async_queue.ts";
import { InvocationRecord } from "../contracts/invocation.ts";
import { parseJson } from "../contracts/parse.ts";
import type { Sealer } from "../contracts/sealer.ts";
import { isOutrun } from "../nats/api_error.ts";
import type { AsyncParts } from "../nats/bootstrap_async.ts";
import { BUCKET, key, underlying } from "../nats/subject.ts";
import { scan } from "./scan.ts";

export interface SearchableInvocations extends InvocationStore {
  /** By the id of the invocation; faster where the function is known. */
  find(
    id: string,
    functionId?: string,
  ): Promise<StoredInvocation | undefined>;
  /** Every record of a function, the one that changed last at the end. */
  ofFunction(functionId: string): AsyncIterable<InvocationRecord>;
}

export function invocationStore(
  { js, jsm, invocations: kv }: Pick<AsyncParts, "js" | "jsm" | "invocations">,
  sealer: Sealer,
): SearchableInvocations {
  const stream = underlying.stream(BUCKET.invocations);
  const subjectOf = (functionId: string, id: string) =>
    underlying.subject(BUCKET.invocations, key.invocation(functionId, id));

  async function encode(record: InvocationRecord): Promise<Uint8Array> {
    const bytes = new TextEncoder().encode(JSON.stringify(record));
    return await sealer.seal(bytes, subjectOf(record.functionId, record.id));
  }

  async function decode(
    data: Uint8Array,
    subject: string,
  ): Promise<InvocationRecord> {
    const text = new TextDecoder().decode(await sealer.open(data, subject));
    return parseJson(InvocationRecord, text, "an invocation's record");
  }

  async function conflictFree(
    record: InvocationRecord,
    write: (bytes: Uint8Array) => Promise<number>,
  ): Promise<StoredInvocation | undefined> {
    try {
      return { record, revision: await write(await encode(record)) };
    } catch (error) {
      if (isOutrun(error)) return undefined;
      throw error;
    }
  }

  return {
    async read(functionId, id) {
      const entry = await kv.get(key.invocation(functionId, id));
      if (!entry || entry.operation !== "PUT") return undefined;
      return {
        record: await decode(entry.value, subjectOf(functionId, id)),
        revision: entry.revision,
      };
    },

    async find(id, functionId = "*") {
      const stored = await jsm.streams.getMessage(stream, {
        last_by_subj: subjectOf(functionId, id),
      });
      if (!stored || stored.data.length === 0) return undefined;
      return {
        record: await decode(stored.data, stored.subject),
        revision: stored.seq,
      };
    },

    async *ofFunction(functionId) {
      const filter = subjectOf(functionId, "*");
      for await (const { data, subject } of scan(js, { stream, filter })) {
        if (data.length > 0) yield await decode(data, subject);
      }
    },

    create: (record) =>
      conflictFree(
        record,
        (bytes) =>
          kv.create(key.invocation(record.functionId, record.id), bytes),
      ),

    update: (before, record) =>
      conflictFree(
        record,
        (bytes) =>
          kv.update(
            key.invocation(record.functionId, record.id),
            bytes,
            before.revision,
          ),
      ),
  };
}
