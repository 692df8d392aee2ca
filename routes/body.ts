/** Request bodies, refused before they are buffered when they are too large, and when late. */
import { clearAlarm, setAlarm } from "../src/alarm.ts";
import { AppError } from "../src/contracts/error.ts";
import { bodyTime } from "./middleware/body_time.ts";

/**
 * @param what Names the body in the message, as in `Cannot take the archive`.
 * @throws {AppError} `too_large`; `invalid` when it is late, or breaks off
 */
export async function readBytes(
  request: Request,
  maxBytes: number,
  what: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > maxBytes) throw tooLarge(what, maxBytes);
  if (!request.body) return new Uint8Array();
  // HTTP gives no more than what was declared.
  return await inTime(
    request,
    what,
    declared > 0 ? request.bytes() : collected(request.body, maxBytes, what),
  );
}

/** A reader that comes too late is left to the connection's end. */
async function inTime<Value>(
  request: Request,
  what: string,
  reading: Promise<Value>,
): Promise<Value> {
  const limit = bodyTime(request);
  const { promise, reject } = Promise.withResolvers<never>();
  const alarm = limit && setAlarm(limit.left, () => {
    reading.catch(() => {});
    reject(late(what, limit.ms));
  });
  try {
    return await Promise.race([reading, promise]);
  } catch (error) {
    throw error instanceof AppError ? error : brokenOff(what, error);
  } finally {
    clearAlarm(alarm);
  }
}

async function collected(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
  what: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    // Leaving the loop cancels the stream.
    if (size > maxBytes) throw tooLarge(what, maxBytes);
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function tooLarge(what: string, maxBytes: number): AppError {
  return new AppError(
    "too_large",
    `Cannot take ${what}: it has more than ${maxBytes} bytes`,
    { hint: `At most ${maxBytes} bytes are allowed` },
  );
}

function late(what: string, ms: number): AppError {
  return new AppError(
    "invalid",
    `Cannot take ${what}: it did not arrive within ${ms / 1_000} s`,
    { hint: "Send it at once; OCHE_BODY_TIMEOUT_MS is how long it may take" },
  );
}

function brokenOff(what: string, cause: unknown): AppError {
  return new AppError(
    "invalid",
    `Cannot take ${what}: it broke off, or is not framed as HTTP asks`,
    { hint: "Send Content-Length or well-formed chunks (RFC 9112)", cause },
  );
}
