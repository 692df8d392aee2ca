/**
 * One POST over a connection that is given: HTTP/1.1 (RFC 9112) as far as a
 * callback needs it. No client of a library lets the address be chosen, and
 * what was checked has to be what is dialled.
 */
import { AppError } from "../contracts/error.ts";

export interface Connection extends Disposable {
  read(buffer: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
}

export interface PostRequest {
  url: URL;
  headers: Record<string, string>;
  body: Uint8Array;
}

export interface PostAnswer {
  status: number;
  retryAfter: string | undefined;
}

/** Of a status line and headers, in bytes. */
const MAX_HEAD = 16 * 1024;

/**
 * @throws {AppError} `unavailable` when the answer is none
 */
export async function post(
  connection: Connection,
  { url, headers, body }: PostRequest,
): Promise<PostAnswer> {
  const all = {
    host: url.host,
    "content-length": String(body.length),
    connection: "close",
    ...headers,
  };
  const head = `POST ${url.pathname}${url.search} HTTP/1.1\r\n` +
    Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join(
      "",
    ) + "\r\n";
  await writeAll(connection, new TextEncoder().encode(head));
  await writeAll(connection, body);
  for (;;) {
    const answer = readHead(await readUntilBlankLine(connection));
    // An interim answer is followed by another one (RFC 9110 §15.2).
    if (answer.status >= 200 || answer.status === 101) return answer;
  }
}

async function writeAll(
  connection: Connection,
  bytes: Uint8Array,
): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await connection.write(bytes.subarray(at));
  }
}

/** Byte by byte would be slow, but what follows the head is not ours to lose. */
async function readUntilBlankLine(connection: Connection): Promise<string> {
  const bytes = new Uint8Array(MAX_HEAD);
  const one = new Uint8Array(1);
  for (let at = 0; at < MAX_HEAD; at++) {
    if (await connection.read(one) === null) break;
    bytes[at] = one[0] ?? 0;
    if (bytes[at] !== 0x0a) continue;
    const text = new TextDecoder("latin1").decode(bytes.subarray(0, at + 1));
    if (/\r?\n\r?\n$/.test(text)) return text;
  }
  throw notHttp();
}

function readHead(text: string): PostAnswer {
  const [line = "", ...fields] = text.split(/\r?\n/);
  const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(line)?.[1]);
  if (!(status >= 100)) throw notHttp();
  const retryAfter = fields
    .map((each) => /^retry-after:\s*(.+?)\s*$/i.exec(each)?.[1])
    .find((each) => each !== undefined);
  return { status, retryAfter };
}

function notHttp(): AppError {
  return new AppError("unavailable", "The receiver does not answer in HTTP");
}
