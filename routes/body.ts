/** Request bodies, refused before they are buffered when they are too large. */
import { AppError } from "../src/contracts/error.ts";

/**
 * @param what Names the body in the message, as in `Cannot take the archive`.
 * @throws {AppError} `too_large`
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
  if (declared > 0) return await request.bytes();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
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
