/** Proves that a NATS server lets a user in, with a few words of its protocol. */

const TIMEOUT_MS = 2_000;
const MAX_ANSWER = 64 * 1024;

/**
 * NATS protocol: CONNECT with the credentials, then PING, which is answered by
 * PONG or, when they are wrong, by -ERR. The client library is not used: a
 * refused login there ends in an uncaught ECONNRESET.
 *
 * @returns false when nobody listens, or the user is refused
 */
export async function canLogIn(
  hostname: string,
  port: number,
  user: string,
  password: string,
): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    using connection = await Deno.connect({ hostname, port });
    timer = setTimeout(() => connection.close(), TIMEOUT_MS);
    const options = { user, pass: password, verbose: false, lang: "oche" };
    await connection.write(
      new TextEncoder().encode(
        `CONNECT ${JSON.stringify(options)}\r\nPING\r\n`,
      ),
    );
    return await answer(connection);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

async function answer(connection: Deno.Conn): Promise<boolean> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of connection.readable) {
    text += decoder.decode(chunk, { stream: true });
    if (/^PONG\r\n/m.test(text)) return true;
    if (/^-ERR/m.test(text) || text.length > MAX_ANSWER) return false;
  }
  return false;
}
