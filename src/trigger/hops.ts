/** How many invocations led to one: what ends a loop of triggers. */
import { z } from "zod";

/** An invocation that so many others led to sets nothing off any more. */
export const MAX_HOPS = 16;

const Hops = z.coerce.number().int().min(0);

/** What a header says; a wrong one counts as the last hop. */
export function readHops(header: string | undefined): number {
  if (header === undefined || header === "") return 0;
  const { data } = Hops.safeParse(header);
  return data ?? MAX_HOPS;
}

export function isLoop(hops: number): boolean {
  return hops >= MAX_HOPS;
}
