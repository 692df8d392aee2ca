/** `oche signing-secret`, and the headers of a signed call. */
import { AppError } from "../contracts/error.ts";
import {
  SIGNATURE_HEADER,
  signatureOf,
  SigningSecretAnswer,
} from "../contracts/signature.ts";
import { ask, functionPath, send } from "./client.ts";
import type { CliDeps } from "./deps.ts";
import type { Printer } from "./print.ts";

export async function signingSecret(
  deps: CliDeps,
  printer: Printer,
  name: string,
): Promise<void> {
  const answer = await ask(
    deps,
    SigningSecretAnswer,
    functionPath(name, "/signing-secret"),
    { method: "PUT", body: "{}" },
  );
  printer.progress(
    `This is shown once. Then: ./oche configure ${name} --signed`,
  );
  printer.result(answer, answer.secret);
}

export async function removeSigningSecret(
  deps: CliDeps,
  printer: Printer,
  name: string,
): Promise<void> {
  await send(deps, functionPath(name, "/signing-secret"), { method: "DELETE" });
  printer.progress(
    "While the function asks for signatures, it refuses every HTTP request: " +
      `./oche configure ${name} --no-signed`,
  );
  printer.result({ removed: name }, `${name} has no secret`);
}

/** @throws {AppError} `invalid` without a secret in the environment */
export function signatureHeaders(
  { env }: CliDeps,
  body: string,
): Record<string, string> {
  const secret = env("OCHE_SIGNING_SECRET");
  if (!secret) {
    throw new AppError("invalid", "Cannot sign: there is no secret", {
      hint: "Set OCHE_SIGNING_SECRET; ./oche signing-secret makes one",
    });
  }
  const timestamp = String(Date.now());
  return {
    [SIGNATURE_HEADER.timestamp]: timestamp,
    [SIGNATURE_HEADER.signature]: signatureOf(secret, timestamp, body),
  };
}
