/** What one connection of HTTP/1.1 may do: be kept, be pipelined, be read slowly. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { createApp } from "../../routes/app.ts";
import { KEY, testGateway } from "../support/gateway.ts";

interface Served extends AsyncDisposable {
  gateway: ReturnType<typeof testGateway>;
  connect(): Promise<Deno.TcpConn>;
}

async function serve(): Promise<Served> {
  const gateway = testGateway();
  await gateway.deployed("f");
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    createApp(gateway.deps).fetch,
  );
  const { port } = server.addr;
  return {
    gateway,
    connect: () => Deno.connect({ hostname: "127.0.0.1", port }),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function request(path: string, body = ""): string {
  return [
    `POST /fn/f${path} HTTP/1.1`,
    "host: h",
    `authorization: Bearer ${KEY.invoke}`,
    "content-type: application/json",
    `content-length: ${body.length}`,
    "",
    body,
  ].join("\r\n");
}

async function send(to: Deno.TcpConn, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
}

/** Answers, one after the other, each with its whole body. */
class Answers {
  readonly #from: Deno.TcpConn;
  readonly #chunk = new Uint8Array(256 * 1024);
  #rest = new Uint8Array();

  constructor(from: Deno.TcpConn) {
    this.#from = from;
  }

  async next(): Promise<{ status: number; body: string }> {
    let head = -1;
    while ((head = this.#text().indexOf("\r\n\r\n")) < 0) await this.#more();
    const headers = this.#text().slice(0, head).toLowerCase();
    const length = /\r\ncontent-length: (\d+)/.exec(headers)?.[1];
    ok(length !== undefined, headers);
    const end = head + 4 + Number(length);
    while (this.#rest.length < end) await this.#more();
    const body = new TextDecoder().decode(this.#rest.subarray(head + 4, end));
    this.#rest = this.#rest.slice(end);
    return { status: Number(headers.slice(9, 12)), body };
  }

  /** What may be a head: it is short, and a body that follows may be long. */
  #text(): string {
    return new TextDecoder().decode(this.#rest.subarray(0, 4_096));
  }

  async #more(): Promise<void> {
    const count = await this.#from.read(this.#chunk);
    ok(count !== null, "the gateway closed the connection");
    const grown = new Uint8Array(this.#rest.length + count);
    grown.set(this.#rest);
    grown.set(this.#chunk.subarray(0, count), this.#rest.length);
    this.#rest = grown;
  }
}

Deno.test("a connection is kept for the next request", async () => {
  await using served = await serve();
  using connection = await served.connect();
  const answers = new Answers(connection);
  for (const path of ["/one", "/two", "/three"]) {
    await send(connection, request(path, '{"a":1}'));
    const { status, body } = await answers.next();
    strictEqual(status, 200);
    match(body, new RegExp(`"path":"${path}"`));
  }
});

Deno.test("pipelined requests are answered in their order", async () => {
  await using served = await serve();
  const { gateway } = served;
  const first = Promise.withResolvers<void>();
  const invoke = gateway.deps.runtime.invoke;
  // The first takes longer than those behind it.
  gateway.deps.runtime.invoke = async (ref, asked, options) => {
    if (asked.path === "/0") await first.promise;
    return await invoke(ref, asked, options);
  };
  using connection = await served.connect();
  const paths = ["/0", "/1", "/2", "/3"];
  await send(connection, paths.map((path) => request(path, "{}")).join(""));
  using other = await served.connect();
  await send(other, request("/other", "{}"));
  await new Answers(other).next();
  first.resolve();
  const answers = new Answers(connection);
  const seen: string[] = [];
  for (const _ of paths) {
    const { body } = await answers.next();
    seen.push((JSON.parse(body) as { path: string }).path);
  }
  deepStrictEqual(seen, paths);
});

Deno.test("who does not read is not answered into memory without bound", async () => {
  await using served = await serve();
  const { gateway } = served;
  const size = 4 * 1024 * 1024;
  const count = 24;
  gateway.answer = () => ({
    response: { statusCode: 200, headers: {}, body: "x".repeat(size) },
  });
  using slow = await served.connect();
  await send(slow, request("/", "{}").repeat(count));
  // Others are served meanwhile; the slow one's requests are not even taken.
  using quick = await served.connect();
  const others = new Answers(quick);
  for (let round = 0; round < 5; round++) {
    await send(quick, request("/", "{}"));
    strictEqual((await others.next()).body.length, size);
  }
  const taken = gateway.invocations.length - 5;
  ok(taken < count, `${taken} of ${count} were taken`);
  const answers = new Answers(slow);
  for (let index = 0; index < count; index++) {
    strictEqual((await answers.next()).body.length, size);
  }
  strictEqual(gateway.invocations.length, count + 5);
});
