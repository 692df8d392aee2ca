/** JSON bodies of API requests: small, and refused when they are not JSON. */
import { AppError } from "../src/contracts/error.ts";
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
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new AppError("invalid", "Cannot read the body: it is not JSON", {
      hint: "Send a JSON object",
      cause,
    });
  }
}
