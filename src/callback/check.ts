/** Whether an outcome may be told where a caller asks for it. */
import { AppError } from "../contracts/error.ts";
import type { CallbackTarget } from "../contracts/invocation.ts";
import { checkPublish } from "../trigger/subject_rules.ts";
import { type AllowedHost, allowedTarget } from "./hosts.ts";

/** Tokens by dots, without wildcards and white space. */
const SUBJECT = /^[^\s*>.\0]+(?:\.[^\s*>.\0]+)*$/;

/** @throws {AppError} `invalid`, `forbidden` */
export function checkCallback(
  { url, subject }: CallbackTarget,
  hosts: readonly AllowedHost[],
): void {
  if (url !== undefined) {
    if (url.length > 2_048) throw tooLong("URL");
    allowedTarget(url, hosts);
  }
  if (subject === undefined) return;
  if (subject.length > 256) throw tooLong("subject");
  if (!SUBJECT.test(subject)) {
    throw new AppError("invalid", "Cannot call back on such a subject", {
      hint: "Give tokens by dots, without wildcards, as in orders.done",
    });
  }
  checkPublish(subject);
}

function tooLong(what: string): AppError {
  return new AppError("invalid", `Cannot call back: the ${what} is too long`);
}
