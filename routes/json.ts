/** JSON bodies of API requests: small, and refused when they are not JSON. */
import { AppError } from "../src/contracts/error.ts";
import { decodeJson } from "../src/contracts/json.ts";
import { readBytes } from "./body.ts";

const MAX_BYTES = 1024 * 1024;

/** An absent body reads as `{}`. @throws {AppError} `invalid`, `too_large` */
export async function readJson(
  request: Request,
  maxBytes = MAX_BYTES,
): Promise<unknown> {
  return parseBytes(await readBytes(request, maxBytes, "the body"));
}

/** No bytes read as `{}`. @throws {AppError} `invalid` */
export function parseBytes(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return {};
  try {
    return decodeJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    const why = cause instanceof RangeError ? cause.message : "it is not JSON";
    throw new AppError("invalid", `Cannot read the body: ${why}`, {
      hint: "Send a JSON object",
      cause,
    });
  }
}
