/** Asynchronous invocations and dead letters in memory, for tests of the edges. */
import type { DeadLetter, DeadLetters } from "../../src/contracts/dead.ts";
import { AppError } from "../../src/contracts/error.ts";
import type {
  AsyncInvocations,
  AsyncSubmission,
  InvocationRecord,
} from "../../src/contracts/invocation.ts";

export interface MemoryAsync extends AsyncInvocations {
  submissions: AsyncSubmission[];
  records: Map<string, InvocationRecord>;
}

/** Accepts, and never runs anything: a test writes what became of it. */
export function memoryAsync(): MemoryAsync {
  const records = new Map<string, InvocationRecord>();
  const submissions: AsyncSubmission[] = [];
  function found(id: string): InvocationRecord {
    const record = records.get(id);
    if (!record) throw new AppError("not_found", "Cannot find it");
    return record;
  }
  return {
    submissions,
    records,
    submit(submission) {
      const id = submission.invocationId ?? crypto.randomUUID();
      const duplicate = records.has(id);
      if (!duplicate) {
        submissions.push(submission);
        records.set(id, {
          id,
          functionId: submission.functionId,
          state: "queued",
          attempt: 0,
          attempts: [],
          source: submission.source,
          createdAt: new Date().toISOString(),
          requestHash: submission.requestHash,
        });
      }
      return Promise.resolve({ invocationId: id, duplicate });
    },
    find: (id) => Promise.resolve(records.get(id)),
    result(id) {
      const { result } = found(id);
      if (!result) {
        return Promise.reject(
          new AppError("not_found", "Cannot find a result"),
        );
      }
      return Promise.resolve({ ...result, body: result.body ?? null });
    },
    cancel(id) {
      const record: InvocationRecord = { ...found(id), state: "cancelled" };
      records.set(id, record);
      return Promise.resolve(record);
    },
    list: (functionId, { state, limit }) =>
      Promise.resolve({
        invocations: Array.from(records.values())
          .filter((each) => each.functionId === functionId)
          .filter((each) => state === undefined || each.state === state)
          .slice(0, limit),
      }),
  };
}

export function memoryDead(): DeadLetters {
  const letters = new Map<string, DeadLetter>();
  return {
    add(letter) {
      letters.set(letter.id, letter);
      return Promise.resolve();
    },
    find: (id) => Promise.resolve(letters.get(id)),
    list({ functionId, reason, limit }) {
      const found = Array.from(letters.values())
        .filter((each) => !functionId || each.functionId === functionId)
        .filter((each) => !reason || each.reason === reason);
      return Promise.resolve({
        letters: found.slice(0, limit),
        more: found.length > limit,
      });
    },
    remove(id) {
      letters.delete(id);
      return Promise.resolve();
    },
  };
}
