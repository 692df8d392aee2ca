/** A page of invocations, the newest first. */
import { AppError } from "../contracts/error.ts";
import type {
  InvocationPage,
  InvocationQuery,
  InvocationRecord,
} from "../contracts/invocation.ts";

/** Reads all of them, and keeps no more than the page needs. */
export async function newestFirst(
  records: AsyncIterable<InvocationRecord>,
  { state, limit, cursor }: InvocationQuery,
): Promise<InvocationPage> {
  const before = cursor === undefined ? undefined : readCursor(cursor);
  let kept: InvocationRecord[] = [];
  for await (const record of records) {
    if (state !== undefined && record.state !== state) continue;
    if (before !== undefined && cursorOf(record) >= before) continue;
    kept.push(record);
    if (kept.length > 4 * limit) kept = newest(kept, limit + 1);
  }
  const page = newest(kept, limit + 1);
  const last = page[limit - 1];
  return {
    invocations: page.slice(0, limit),
    ...(page.length > limit && last && { next: cursorOf(last) }),
  };
}

function newest(records: InvocationRecord[], limit: number) {
  return records
    .sort((a, b) => cursorOf(a) < cursorOf(b) ? 1 : -1)
    .slice(0, limit);
}

/** Sorts as the time of acceptance does; unique by the id. */
function cursorOf({ createdAt, id }: InvocationRecord): string {
  return `${createdAt}~${id}`;
}

function readCursor(text: string): string {
  if (/^\d{4}-[\dT:.Z-]+~[\w-]+$/.test(text)) return text;
  throw new AppError("invalid", "Cannot read the cursor", {
    hint: "Give what the page before had as next",
  });
}
