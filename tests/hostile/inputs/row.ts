/** What a hostile input is answered with; rows of http.ts and nats.ts. */
import { deepStrictEqual, match, ok } from "node:assert";
import type { ErrorCode } from "../../../src/contracts/error.ts";
import { Problem, STATUS } from "../../../src/contracts/problem.ts";

/** A problem with that code, which says this. */
export interface Refusal {
  code: ErrorCode;
  says: RegExp;
}

/** @param body Of an answer that must be a problem with a hint. */
export function checkRefusal(
  body: string,
  status: number | undefined,
  { code, says }: Refusal,
): void {
  const problem = Problem.parse(JSON.parse(body));
  deepStrictEqual([problem.code, status], [code, STATUS[code]], body);
  match(problem.detail, says);
  ok(problem.hint, body);
  tellsNothing(body);
}

/** No stack, no path of ours, no key. */
export function tellsNothing(text: string): void {
  ok(!/\.ts:\d+|node_modules|\/npm\/|at async /.test(text), text);
}
