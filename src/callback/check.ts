/** Whether an outcome may be told where a caller asks for it. */
import { AppError } from "../contracts/error.ts";
import type { CallbackTarget } from "../contracts/invocation.ts";
import { checkPublish } from "../trigger/subject_rules.ts";
import { type AllowedHost, allowedTarget } from "./hosts.ts";

/** In characters. */
const MAX_URL = 2_048;
const MAX_SUBJECT = 256;
/** Tokens by dots, without wildcards and white space. */
const SUBJECT = /^[^\s*>.\0]+(?:\.[^\s*>.\0]+)*$/;

/** @throws {AppError} `invalid`, `forbidden` */
export function checkCallback(
  { url, subject }: CallbackTarget,
  hosts: readonly AllowedHost[],
): void {
  if (url !== undefined) {
    if (url.length > MAX_URL) throw tooLong("URL", MAX_URL);
    allowedTarget(url, hosts);
  }
  if (subject === undefined) return;
  if (subject.length > MAX_SUBJECT) throw tooLong("subject", MAX_SUBJECT);
  if (!SUBJECT.test(subject)) {
    throw new AppError("invalid", "Cannot call back on such a subject", {
      hint: "Give tokens by dots, without wildcards, as in orders.done",
    });
  }
  checkPublish(subject);
}

function tooLong(what: string, limit: number): AppError {
  return new AppError("invalid", `Cannot call back: the ${what} is too long`, {
    hint: `At most ${limit} characters are allowed`,
  });
}
