/** AsyncInvocations that keep what is submitted, in memory, for tests of triggers. */
import type {
  AsyncInvocations,
  AsyncSubmission,
  InvocationRecord,
  InvocationState,
} from "../../src/contracts/invocation.ts";

export interface Submissions extends Pick<AsyncInvocations, "submit" | "find"> {
  /** Those that run: a repeated id does not. */
  taken: AsyncSubmission[];
  duplicates: number;
  /** What every submission meets, until it is undefined again. */
  failure: Error | undefined;
  /** What becomes of an invocation; `running` until it is said. */
  end(id: string, state: InvocationState): void;
}

export function submissions(): Submissions {
  const states = new Map<string, InvocationState>();
  const kept: Submissions = {
    taken: [],
    duplicates: 0,
    failure: undefined,
    submit(submission) {
      if (kept.failure) return Promise.reject(kept.failure);
      const invocationId = submission.invocationId ?? crypto.randomUUID();
      const duplicate = states.has(invocationId);
      if (duplicate) kept.duplicates++;
      else {
        states.set(invocationId, "running");
        kept.taken.push(submission);
      }
      return Promise.resolve({ invocationId, duplicate });
    },
    find: (id) => Promise.resolve(recordOf(kept, id, states.get(id))),
    end: (id, state) => void states.set(id, state),
  };
  return kept;
}

function recordOf(
  { taken }: Submissions,
  id: string,
  state: InvocationState | undefined,
): InvocationRecord | undefined {
  const submission = taken.find(({ invocationId }) => invocationId === id);
  if (!submission || !state) return undefined;
  const { functionId, source } = submission;
  return {
    id,
    functionId,
    source,
    state,
    attempt: 1,
    attempts: [],
    createdAt: new Date().toISOString(),
  };
}
