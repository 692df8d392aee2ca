/** Our own closed-loop client: HTTP/1.1 on one kept connection, next to nothing of its own. */
import { AppError } from "../contracts/error.ts";

export interface Answer {
  status: number;
  headers: string;
  ms: number;
}

export class BenchClient implements Disposable {
  readonly #connection: Deno.TcpConn;
  readonly #buffer = new Uint8Array(256 * 1024);
  readonly #key: string;
  readonly #host: string;

  private constructor(connection: Deno.TcpConn, host: string, key: string) {
    this.#connection = connection;
    this.#host = host;
    this.#key = key;
  }

  static async open(url: string, key: string): Promise<BenchClient> {
    const { hostname, port, host } = new URL(url);
    const connection = await Deno.connect({ hostname, port: Number(port) });
    connection.setNoDelay(true);
    return new BenchClient(connection, host, key);
  }

  /** One POST, and its whole answer. @throws {AppError} `unavailable`, `internal` when it is refused */
  async post(path: string, body: string): Promise<Answer> {
    const request = new TextEncoder().encode(
      `POST ${path} HTTP/1.1\r\nhost: ${this.#host}\r\n` +
        `authorization: Bearer ${this.#key}\r\n` +
        "content-type: application/json\r\n" +
        `content-length: ${body.length}\r\n\r\n${body}`,
    );
    const begun = performance.now();
    for (let at = 0; at < request.length;) {
      at += await this.#connection.write(request.subarray(at));
    }
    let length = 0;
    let headers: string | undefined;
    let whole = Infinity;
    while (length < whole) {
      const count = await this.#connection.read(this.#buffer.subarray(length));
      if (count === null) throw ended();
      length += count;
      if (headers !== undefined) continue;
      const text = new TextDecoder().decode(this.#buffer.subarray(0, length));
      const end = text.indexOf("\r\n\r\n");
      if (end < 0) continue;
      headers = text.slice(0, end).toLowerCase();
      const size = /content-length: (\d+)/.exec(headers)?.[1] ?? "0";
      whole = end + 4 + Number(size);
    }
    const took = performance.now() - begun;
    const status = Number(headers?.slice(9, 12));
    if (status >= 400) {
      throw new AppError("internal", `POST ${path} answered ${status}`);
    }
    return { status, headers: headers ?? "", ms: took };
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

function ended(): AppError {
  return new AppError("unavailable", "The gateway closed the connection");
}
