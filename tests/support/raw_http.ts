/** HTTP byte by byte, so that it can be wrong in every way. */

export interface RawAnswer {
  /** Everything that came back. */
  text: string;
  /** Of the first answer; undefined when there was none. */
  status: number | undefined;
  /** Of the first answer. */
  body: string;
  /** How many answers there were. */
  count: number;
  ended: "closed" | "complete" | "silent";
}

const encoder = new TextEncoder();

/**
 * Sends bytes on a connection of their own and reads until the other side
 * closes it, or, with `untilFirst`, until there is one whole answer.
 */
export async function talk(
  url: string,
  bytes: string | Uint8Array,
  { patienceMs, untilFirst = false }: {
    patienceMs: number;
    untilFirst?: boolean;
  },
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  // One that is refused while it sends is read from all the same.
  const sending = send(connection, bytes).catch(() => {});
  let text = "";
  let ended: RawAnswer["ended"] = "closed";
  const timer = setTimeout(() => {
    ended = "silent";
    connection.close();
  }, patienceMs);
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(64 * 1024);
  try {
    for (;;) {
      const count = await connection.read(chunk);
      if (count === null) break;
      text += decoder.decode(chunk.subarray(0, count), { stream: true });
      if (untilFirst && isWhole(text)) {
        ended = "complete";
        break;
      }
    }
  } catch {
    // Reset, or closed by the timer.
  } finally {
    clearTimeout(timer);
  }
  await sending;
  return { ...parts(text), text, ended };
}

async function send(
  connection: Deno.Conn,
  bytes: string | Uint8Array,
): Promise<void> {
  const whole = typeof bytes === "string" ? encoder.encode(bytes) : bytes;
  for (let at = 0; at < whole.length;) {
    at += await connection.write(whole.subarray(at));
  }
}

function parts(text: string): Pick<RawAnswer, "status" | "body" | "count"> {
  const final = text.replace(
    /^(?:HTTP\/1\.1 1\d\d [^\r]*\r\n(?:[^\r]+\r\n)*\r\n)+/,
    "",
  );
  const [, status] = /^HTTP\/1\.[01] (\d{3}) /.exec(final) ?? [];
  const begin = final.indexOf("\r\n\r\n");
  return {
    status: status === undefined ? undefined : Number(status),
    body: begin < 0 ? "" : final.slice(begin + 4),
    count: Array.from(final.matchAll(/HTTP\/1\.[01] \d{3} /g)).length,
  };
}

function isWhole(text: string): boolean {
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(text)?.[1];
  const begin = text.indexOf("\r\n\r\n");
  if (begin < 0) return false;
  return length !== undefined &&
    encoder.encode(text.slice(begin + 4)).length >= Number(length);
}
