/** `oche triggers next`: when a cron trigger fires. */
import { NextTimes } from "../contracts/cron.ts";
import { ask, queryOf } from "./client.ts";
import type { CliDeps } from "./deps.ts";
import type { Printer } from "./print.ts";
import { triggerPath } from "./triggers.ts";

export async function showNext(
  deps: CliDeps,
  printer: Printer,
  name: string,
  { count }: { count?: string | undefined },
): Promise<void> {
  const path = triggerPath(name, `/next${queryOf({ count })}`);
  const answer = await ask(deps, NextTimes, path);
  printer.result(answer, answer.next.map((time) => `${time}\n`).join(""));
}
