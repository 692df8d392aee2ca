/** The frames that a function side says, as a schema. */
import { z } from "zod";

const waits = z.literal(true).optional();
const Frame = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready"), protocol: z.literal(1), waits }),
  z.object({ type: z.literal("loaded"), waits }),
  z.object({ type: z.literal("done"), invocation: z.string(), waits }),
]);

/** Undefined for what is no frame. */
export function readFrame(line: string): z.output<typeof Frame> | undefined {
  try {
    return Frame.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
