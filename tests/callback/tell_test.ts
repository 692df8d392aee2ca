import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { Webhook } from "standardwebhooks";
import { parseHosts } from "../../src/callback/hosts.ts";
import type { Connection } from "../../src/callback/post.ts";
import { type CallbackDeps, callbacks } from "../../src/callback/tell.ts";
import type { Told } from "../../src/contracts/callback.ts";
import type { InvocationRecord } from "../../src/contracts/invocation.ts";

const SECRET = `whsec_${btoa("s".repeat(32))}`;
const PUBLIC = "93.184.216.34";

const RECORD: InvocationRecord = {
  id: "i-1",
  functionId: "a0000000-0000-4000-8000-000000000000",
  state: "succeeded",
  attempt: 1,
  attempts: [],
  source: { type: "http" },
  createdAt: "2026-01-01T00:00:00.000Z",
  endedAt: "2026-01-01T00:00:01.000Z",
  result: { statusCode: 200, headers: {}, body: { ok: "ü" }, bytes: 10 },
};

function wanting(url: string, attempts = 1): InvocationRecord {
  return { ...RECORD, callback: { url, status: "pending", attempts } };
}

interface Tested {
  told: Told;
  dialled: string[];
  resolved: string[];
  published: string[];
}

/** Tells with names that mean these addresses; every connection is `connect`'s. */
async function tell(
  record: InvocationRecord,
  { addresses = [PUBLIC], connect, secret = SECRET, timeoutMs = 5_000 }: {
    addresses?: string[];
    connect?: () => Promise<Connection>;
    secret?: string | undefined;
    timeoutMs?: number;
  } = {},
): Promise<Tested> {
  const dialled: string[] = [];
  const resolved: string[] = [];
  const published: string[] = [];
  const deps: CallbackDeps = {
    hosts: parseHosts("receiver.test,127.0.0.1,[::1]"),
    secret,
    timeoutMs,
    resolve(host) {
      resolved.push(host);
      return Promise.resolve(host === "receiver.test" ? addresses : [host]);
    },
    connect({ address }) {
      dialled.push(address);
      if (!connect) throw new Error("must not be dialled");
      return connect();
    },
    publish(subject, text) {
      published.push(`${subject} ${JSON.parse(text).type}`);
      return Promise.resolve();
    },
  };
  const told = await callbacks(deps).tell(record);
  return { told, dialled, resolved, published };
}

/** A real HTTP server here, in the place of the public address. */
async function withReceiver(
  answer: (request: Request) => Response | Promise<Response>,
  test: (connect: () => Promise<Connection>) => Promise<void>,
): Promise<void> {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    answer,
  );
  try {
    await test(() =>
      Deno.connect({ hostname: "127.0.0.1", port: server.addr.port })
    );
  } finally {
    await server.shutdown();
  }
}

Deno.test("an outcome arrives signed, and the receiver's own library takes it", async () => {
  let seen: { url: string; payload: unknown; id: string | null } | undefined;
  await withReceiver(async (request) => {
    const text = await request.text();
    const headers = Object.fromEntries(request.headers);
    seen = {
      url: request.url,
      payload: new Webhook(SECRET).verify(text, headers),
      id: request.headers.get("webhook-id"),
    };
    return new Response("thanks");
  }, async (connect) => {
    const { told, dialled, resolved } = await tell(
      wanting("http://receiver.test/done?x=1"),
      { connect },
    );
    deepStrictEqual(told, { kind: "delivered" });
    deepStrictEqual(dialled, [PUBLIC]);
    deepStrictEqual(resolved, ["receiver.test"]);
  });
  strictEqual(seen?.id, "i-1");
  match(seen?.url ?? "", /^http:\/\/receiver\.test\/done\?x=1$/);
  const payload = seen?.payload as {
    type: string;
    timestamp: string;
    data: InvocationRecord;
  };
  strictEqual(payload.type, "invocation.succeeded");
  strictEqual(payload.timestamp, RECORD.endedAt);
  deepStrictEqual(payload.data.result, RECORD.result);
});

const ANSWERS: [status: number, headers: HeadersInit, told: Told][] = [
  [204, {}, { kind: "delivered" }],
  [302, { location: "http://127.0.0.1/" }, {
    kind: "refused",
    error: "The receiver answered 302",
    isFinal: false,
    retryAfterMs: 0,
  }],
  [503, { "retry-after": "7" }, {
    kind: "refused",
    error: "The receiver answered 503",
    isFinal: false,
    retryAfterMs: 7_000,
  }],
  [410, {}, {
    kind: "refused",
    error: "The receiver answered 410",
    isFinal: true,
    retryAfterMs: 0,
  }],
];

for (const [status, headers, expected] of ANSWERS) {
  Deno.test(`a receiver's ${status} is taken as what it is`, async () => {
    await withReceiver(
      () => new Response(status === 204 ? null : "x", { status, headers }),
      async (connect) => {
        const { told } = await tell(wanting("http://receiver.test/"), {
          connect,
        });
        deepStrictEqual(told, expected);
      },
    );
  });
}

const PRIVATE = [
  ["127.0.0.1"],
  ["169.254.169.254"],
  ["10.0.0.1"],
  ["::1"],
  ["::ffff:127.0.0.1"],
  ["fd00:ec2::254"],
  [PUBLIC, "127.0.0.1"],
  ["192.168.0.1", PUBLIC],
];

for (const addresses of PRIVATE) {
  Deno.test(`a name that means ${addresses.join(" and ")} is not dialled, and not tried again`, async () => {
    const { told, dialled } = await tell(wanting("https://receiver.test/"), {
      addresses,
    });
    deepStrictEqual(dialled, []);
    strictEqual(told.kind === "refused" && told.isFinal, true);
  });
}

for (
  const url of ["http://127.0.0.1/", "http://2130706433/", "http://[::1]/"]
) {
  Deno.test(`${url} is not dialled, even where it is listed`, async () => {
    const { told, dialled } = await tell(wanting(url));
    deepStrictEqual(dialled, []);
    strictEqual(told.kind === "refused" && told.isFinal, true);
  });
}

Deno.test("a host that is listed no longer is not called", async () => {
  const { told, resolved } = await tell(wanting("https://unlisted.test/"));
  deepStrictEqual(resolved, []);
  strictEqual(told.kind === "refused" && told.isFinal, true);
});

Deno.test("a name that means nothing is tried again", async () => {
  const { told } = await tell(wanting("https://receiver.test/"), {
    addresses: [],
  });
  strictEqual(told.kind === "refused" && !told.isFinal, true);
});

/** Receivers that do not speak HTTP as they should, in what they send. */
const GARBAGE: [what: string, bytes: string][] = [
  ["nothing", ""],
  ["no HTTP", "SSH-2.0-OpenSSH_9\r\n\r\n"],
  ["half a head", "HTTP/1.1 200 OK\r\nx: y"],
  ["a status that is none", "HTTP/1.1 2000 OK\r\n\r\n"],
  ["a head without end", `HTTP/1.1 200 OK\r\n${"x: y\r\n".repeat(5_000)}`],
];

for (const [what, bytes] of GARBAGE) {
  Deno.test(`a receiver that sends ${what} is tried again`, async () => {
    const { told } = await tell(wanting("http://receiver.test/"), {
      connect: () => Promise.resolve(speaking(bytes)),
    });
    strictEqual(told.kind === "refused" && !told.isFinal, true);
  });
}

Deno.test("a receiver that says nothing is left after the limit", async () => {
  const silent = speaking("");
  const { told } = await tell(wanting("http://receiver.test/"), {
    timeoutMs: 50,
    connect: () =>
      Promise.resolve({ ...silent, read: () => new Promise(() => {}) }),
  });
  ok(told.kind === "refused");
  match(told.error, /in time/);
});

Deno.test("an interim answer is not the answer", async () => {
  const { told } = await tell(wanting("http://receiver.test/"), {
    connect: () =>
      Promise.resolve(
        speaking(
          "HTTP/1.1 103 Early\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        ),
      ),
  });
  deepStrictEqual(told, { kind: "delivered" });
});

Deno.test("a subject is told with the first try alone", async () => {
  const callback = {
    subject: "orders.done",
    url: "http://receiver.test/",
    status: "pending" as const,
  };
  for (const [attempts, published] of [[1, 1], [2, 0]] as const) {
    const result = await tell({
      ...RECORD,
      callback: { ...callback, attempts },
    }, {
      connect: () => Promise.resolve(speaking("HTTP/1.1 200 OK\r\n\r\n")),
    });
    deepStrictEqual(result.told, { kind: "delivered" });
    strictEqual(result.published.length, published);
  }
});

Deno.test("without a secret no URL is called", async () => {
  const deps = await tell(wanting("http://receiver.test/"), { secret: "" });
  strictEqual(deps.told.kind, "refused");
  deepStrictEqual(deps.dialled, []);
});

function speaking(text: string): Connection {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return {
    read(buffer) {
      if (at >= bytes.length) return Promise.resolve(null);
      const part = bytes.subarray(at, at + buffer.length);
      buffer.set(part);
      at += part.length;
      return Promise.resolve(part.length);
    },
    write: (given) => Promise.resolve(given.length),
    [Symbol.dispose]: () => {},
  };
}
