/** Programs that start together or not at all. */
import { z } from "zod";
import { AppError } from "../contracts/error.ts";
import { parseJson } from "../contracts/parse.ts";

const LastWords = z.object({
  level: z.literal("error"),
  message: z.string(),
  hint: z.string().optional(),
});

/** When one fails, the other is ended before the error goes on. */
export async function allOrNone<Child extends { stop(): Promise<void> }>(
  starting: Promise<Child>[],
): Promise<Child[]> {
  const settled = await Promise.allSettled(starting);
  const failed = settled.find(({ status }) => status === "rejected");
  const children = settled.flatMap((each) =>
    each.status === "fulfilled" ? [each.value] : []
  );
  if (!failed) return children;
  await Promise.all(children.map((child) => child.stop()));
  throw whatItSaid((failed as PromiseRejectedResult).reason);
}

/** The last line of a program's log says why it ended, better than its end does. */
function whatItSaid(reason: unknown): unknown {
  const text = AppError.from(reason).hint ?? "";
  const line = text.slice(text.indexOf("{")).trim().split("\n").at(-1) ?? "";
  try {
    const { message, hint } = parseJson(LastWords, line, "the log");
    return new AppError("unavailable", message, { hint, cause: reason });
  } catch {
    return reason;
  }
}
