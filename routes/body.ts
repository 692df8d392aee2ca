/** Request bodies, refused before they are buffered when they are too large, and when late. */
import { clearAlarm, setAlarm } from "../src/alarm.ts";
import { AppError } from "../src/contracts/error.ts";
import { type BodyLimit, bodyLimit } from "./middleware/body_limit.ts";

/** What is read at once: reading piece by piece costs more than that saves. */
const SMALL_BYTES = 64 * 1024;

/**
 * @param what Names the body in the message, as in `Cannot take the archive`.
 * @throws {AppError} `too_large`; `invalid` when it is late, or breaks off;
 * `busy` when bodies of others fill the memory
 */
export async function readBytes(
  request: Request,
  maxBytes: number,
  what: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > maxBytes) throw tooLarge(what, maxBytes);
  if (!request.body) return new Uint8Array();
  const limit = bodyLimit(request);
  limit?.hold(declared);
  // HTTP gives no more than what was declared.
  if (declared > 0 && declared <= SMALL_BYTES) {
    return await inTime(request.bytes(), limit, what, () => {});
  }
  const reader = request.body.getReader();
  function count(size: number, more: number): void {
    if (size > maxBytes) throw tooLarge(what, maxBytes);
    if (declared === 0) limit?.hold(more);
  }
  return await inTime(
    collected(reader, count),
    limit,
    what,
    () => void reader.cancel().catch(() => {}),
  );
}

/** @param giveUp Lets go of what has arrived of a body that is late. */
async function inTime<Value>(
  reading: Promise<Value>,
  limit: BodyLimit | undefined,
  what: string,
  giveUp: () => void,
): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const alarm = limit && setAlarm(limit.left(), () => {
    reading.catch(() => {});
    reject(late(what, limit.ms));
    giveUp();
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
  reader: ReadableStreamDefaultReader<Uint8Array>,
  count: (size: number, more: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { value } = await reader.read();
      if (!value) break;
      size += value.length;
      count(size, value.length);
      chunks.push(value);
    }
  } catch (error) {
    await reader.cancel().catch(() => {});
    throw error;
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
