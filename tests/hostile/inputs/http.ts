/** Hostile HTTP: what is sent, who stops it, and what comes back. */
import { deepStrictEqual, ok } from "node:assert";
import { GOOD, IMPORT } from "../../runtime/dart/source_tree.ts";
import { archiveOf } from "../../support/project.ts";
import type { Refusal } from "./row.ts";

/** Limits of the stack that the rows run against. */
export const LIMITS = {
  OCHE_FUNCTION_TIMEOUT_MS: "4000",
  OCHE_BODY_TIMEOUT_MS: "1500",
  OCHE_MAX_BODY_BYTES: "200000",
  OCHE_MAX_ARCHIVE_BYTES: "1000000",
  OCHE_ANALYSIS_TIMEOUT_MS: "2500",
} as const;

export interface HttpRow {
  it: string;
  /** The whole request; `KEY` in it is the admin's key. */
  send: string | Uint8Array;
  /** `server`: broken framing, which is answered with a bare status or none. */
  by: "server" | "gateway" | "runtime" | "nobody";
  refused?: Refusal;
  /** What the function saw, where nobody stops it. */
  /** Refused before it was read: the server waits for the rest of it. */
  isUnread?: boolean;
  // deno-lint-ignore no-explicit-any -- Of any shape.
  sees?: (request: any) => void;
  /** Of an answer that is neither. */
  status?: number[];
  text?: RegExp;
}

const CLOSE = "Host: h\r\nConnection: close\r\n";
const AUTH = `${CLOSE}Authorization: Bearer KEY\r\n`;

function get(target: string, headers = AUTH): string {
  return `GET ${target} HTTP/1.1\r\n${headers}\r\n`;
}

function post(target: string, body: string, headers = ""): string {
  const { length } = new TextEncoder().encode(body);
  return `POST ${target} HTTP/1.1\r\n${AUTH}${headers}Content-Length: ${length}\r\n\r\n${body}`;
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

const SMUGGLED =
  "GET /fn/echo/smuggled HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer KEY\r\n\r\n";

function framing(it: string, headers: string, body = ""): HttpRow {
  return {
    it,
    send: latin1(`POST /fn/echo HTTP/1.1\r\n${AUTH}${headers}\r\n${body}`),
    by: "server",
  };
}

const FRAMING: HttpRow[] = [
  framing(
    "Content-Length and Transfer-Encoding",
    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    `0\r\n\r\n${SMUGGLED}`,
  ),
  framing(
    "Transfer-Encoding before Content-Length",
    "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    `0\r\n\r\n${SMUGGLED}`,
  ),
  framing(
    "an unknown Transfer-Encoding",
    "Transfer-Encoding: xchunked\r\n",
    `0\r\n\r\n${SMUGGLED}`,
  ),
  framing(
    "a space before the colon of Transfer-Encoding",
    "Transfer-Encoding : chunked\r\n",
    `0\r\n\r\n${SMUGGLED}`,
  ),
  framing(
    "two Content-Lengths that differ",
    "Content-Length: 4\r\nContent-Length: 5\r\n",
    `abcd${SMUGGLED}`,
  ),
  framing(
    "a list as Content-Length",
    "Content-Length: 5, 5\r\n",
    `abcde${SMUGGLED}`,
  ),
  ...["-1", "+5", "0x5", "5e0", "18446744073709551616", ""].map((value) =>
    framing(
      `Content-Length ${JSON.stringify(value)}`,
      `Content-Length: ${value}\r\n`,
      `abcde${SMUGGLED}`,
    )
  ),
  framing(
    "a chunk size that is no number",
    "Transfer-Encoding: chunked\r\n",
    `zz\r\nab\r\n0\r\n\r\n${SMUGGLED}`,
  ),
  framing(
    "a chunk size below zero",
    "Transfer-Encoding: chunked\r\n",
    `-1\r\nab\r\n0\r\n\r\n${SMUGGLED}`,
  ),
  framing(
    "a chunk size beyond 64 bits",
    "Transfer-Encoding: chunked\r\n",
    `FFFFFFFFFFFFFFFFF\r\nab\r\n0\r\n\r\n${SMUGGLED}`,
  ),
  framing(
    "a chunk longer than its size",
    "Transfer-Encoding: chunked\r\n",
    `2\r\nabcdef\r\n0\r\n\r\n${SMUGGLED}`,
  ),
  framing("a folded header", "X-A: a\r\n b\r\n"),
  framing("a NUL in a header", "X-A: a\0b\r\n"),
  framing("a bare CR in a header", "X-A: a\rb\r\n"),
  framing("a header without a colon", "X-A\r\n"),
  framing("a header's name beyond ASCII", "\xfcX: a\r\n"),
  framing("two Hosts", "Host: other\r\n"),
  framing("5,000 headers", "X-A: b\r\n".repeat(5_000)),
  framing("a header of a megabyte", `X-A: ${"a".repeat(1_000_000)}\r\n`),
  {
    it: "a target of a megabyte",
    send: get(`/fn/echo/${"a".repeat(1_000_000)}`),
    by: "server",
  },
  { it: "a space in the target", send: get("/fn/echo/a b"), by: "server" },
  {
    it: "a target beyond ASCII",
    send: latin1(get("/fn/echo/\xfc")),
    by: "server",
  },
  { it: "a target without a slash", send: get("fn/echo"), by: "server" },
  { it: "a NUL in the method", send: "G\0T / HTTP/1.1\r\n\r\n", by: "server" },
  { it: "HTTP/0.9", send: "GET /\r\n", by: "server" },
  { it: "HTTP/9.9", send: `GET / HTTP/9.9\r\n${CLOSE}\r\n`, by: "server" },
  {
    it: "the hello of TLS",
    send: latin1(`\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03${"A".repeat(512)}`),
    by: "server",
  },
  { it: "noise", send: latin1("\0\xff\xfe".repeat(1_000)), by: "server" },
  {
    it: "a body that breaks off in its chunks",
    send:
      `POST /fn/echo HTTP/1.1\r\n${AUTH}Transfer-Encoding: chunked\r\n\r\n5;${
        "x".repeat(100_000)
      }\r\nabcde\r\n0\r\n\r\n`,
    by: "gateway",
    refused: { code: "invalid", says: /Cannot take the body: it broke off/ },
  },
];

const UNREADABLE: Refusal = {
  code: "invalid",
  says: /Cannot read the Host header: it makes no URL/,
};

const TARGETS: HttpRow[] = [
  ...["a/fn/echo", "h@evil", "a?x", "a b", "a#b", "[::1", "a:99999999", "a\\b"]
    .map((host): HttpRow => ({
      it: `the Host ${JSON.stringify(host)}`,
      send: get(
        "/fn/echo",
        `Host: ${host}\r\nConnection: close\r\nAuthorization: Bearer KEY\r\n`,
      ),
      by: "gateway",
      refused: UNREADABLE,
    })),
  {
    it: "a port that is none",
    send: get(
      "/fn/echo",
      "Host: a:99999\r\nConnection: close\r\nAuthorization: Bearer KEY\r\n",
    ),
    by: "gateway",
    refused: { code: "invalid", says: /the target of the request/ },
  },
  {
    it: "another host in the target",
    send: get("http://evil.example/fn/echo/a"),
    by: "nobody",
    sees: ({ path }) => deepStrictEqual(path, "/a"),
  },
  {
    it: "an address to connect to",
    send: `CONNECT h:80 HTTP/1.1\r\n${AUTH}\r\n`,
    by: "gateway",
    refused: { code: "not_found", says: /Cannot CONNECT/ },
  },
  {
    it: "OPTIONS of everything",
    send: `OPTIONS * HTTP/1.1\r\n${AUTH}\r\n`,
    by: "gateway",
    refused: { code: "not_found", says: /Cannot OPTIONS/ },
  },
  {
    it: "a method of 5,000 letters",
    send: `${"A".repeat(5_000)} /fn/echo HTTP/1.1\r\n${AUTH}\r\n`,
    by: "runtime",
    refused: { code: "invalid", says: /method: / },
  },
  {
    it: "TRACE",
    send: `TRACE /fn/echo HTTP/1.1\r\n${AUTH}\r\n`,
    by: "nobody",
    sees: ({ method }) => deepStrictEqual(method, "TRACE"),
  },
  ...([
    ["%2e%2e", "/%2e%2e/%2e%2e/api/keys", "/../../api/keys"],
    ["..", "/../../api/keys", "/../../api/keys"],
    ["..%2f", "/..%2f..%2fapi", "/../../api"],
    ["%00", "/%00", "/\0"],
    ["//", "//a//b/", "//a//b/"],
    [";", "/;a=b", "/;a=b"],
    ["a backslash", "/a\\..\\b", "/a\\..\\b"],
    ["%0d%0a", "/a%0d%0aSet-Cookie:%20a=b", "/a\r\nSet-Cookie: a=b"],
    ["%252e, decoded once", "/%252e%252e/", "/%2e%2e/"],
    ["%3f and %23", "/a%3fb%23c", "/a?b#c"],
  ] as const).map(([what, sent, seen]): HttpRow => ({
    it: `a path with ${what}`,
    send: get(`/fn/echo${sent}`),
    by: "nobody",
    sees: ({ path }) => deepStrictEqual(path, seen),
  })),
  {
    it: "a name spelled with percent signs",
    send: get("/fn/%65cho/a"),
    by: "nobody",
    sees: ({ path }) => deepStrictEqual(path, "/a"),
  },
  ...(["/%c0%ae%c0%ae/", "/%zz", "/%", "/%ff"].map((path): HttpRow => ({
    it: `a path with ${path}`,
    send: get(`/fn/echo${path}`),
    by: "gateway",
    refused: { code: "invalid", says: /Cannot decode the path/ },
  }))),
  ...([
    ["/fn/echo%2f..%2f", "invalid"],
    ["/fn/..%2fapi%2fkeys", "invalid"],
    ["/fn/ECHO", "invalid"],
    ["/fn/*", "invalid"],
    ["/fn/echo%00", "invalid"],
    [`/fn/${"a".repeat(64)}`, "invalid"],
    ["/fn/00000000-0000-4000-8000-000000000000", "not_found"],
    ["/fn//echo", "not_found"],
    ["/fn", "not_found"],
    ["/FN/echo", "not_found"],
    ["/api/functions/../keys", "not_found"],
    ["/api/functions/%2e%2e/%2e%2e/healthz", "not_found"],
  ] as const).map(([target, code]): HttpRow => ({
    it: `the target ${target.slice(0, 40)}`,
    send: get(target),
    by: "gateway",
    refused: { code, says: /^(Cannot|"|Not)/ },
  })),
  {
    it: "a query that names prototypes",
    send: get(
      "/fn/echo?__proto__=1&__proto__=2&constructor=3&a[b]=c&%ff=%ff&=",
    ),
    by: "nobody",
    sees: ({ query }) => {
      deepStrictEqual(query.constructor, "3");
      deepStrictEqual(query["a[b]"], "c");
    },
  },
];

const INVOKE = "/api/functions/echo/invoke";
const JSON_TYPE = "Content-Type: application/json\r\n";

const BODIES: HttpRow[] = [
  ...([
    ["text that is not JSON", "{", /it is not JSON/],
    ["JSON with a comment", "{/**/}", /it is not JSON/],
    ["a list", "[]", /the envelope/],
    ["a text", '"x"', /the envelope/],
    ["a number", "1e999", /the envelope/],
    ["null", "null", /the envelope/],
    ["a method with a line break", '{"method":"A\\r\\nB"}', /method: /],
    ["a method that is a number", '{"method":1}', /method: /],
    ["a path that is a list", '{"path":["/"]}', /path: /],
    ["a path of 70,000 letters", `{"path":"/${"a".repeat(70_000)}"}`, /path: /],
    [
      "a header with a line break",
      '{"headers":{"a":"b\\r\\nc: d"}}',
      /headers/,
    ],
    ["a header's name with a space", '{"headers":{"a b":"c"}}', /headers/],
    ["a header that is a map", '{"headers":{"a":{}}}', /headers/],
    ["headers that are a list", '{"headers":["a"]}', /headers: /],
    ["a query of numbers", '{"query":{"a":1}}', /query/],
    [
      "base64 that is none",
      '{"body":"!!!","isBase64Encoded":true}',
      /is not base64/,
    ],
    ["base64 of a map", '{"body":{},"isBase64Encoded":true}', /is not base64/],
    ["a flag that is a text", '{"isBase64Encoded":"yes"}', /isBase64Encoded/],
  ] as const).map(([what, body, says]): HttpRow => ({
    it: `an envelope that is ${what}`,
    send: post(INVOKE, body, JSON_TYPE),
    by: "gateway",
    refused: { code: "invalid", says },
  })),
  {
    it: "an envelope that is not UTF-8",
    send: latin1(
      post(INVOKE, "").replace("Length: 0", "Length: 4") + '"\xff\xfe"',
    ),
    by: "gateway",
    refused: { code: "invalid", says: /it is not JSON/ },
  },
  {
    it: "90,000 lists in lists, which go on as text",
    send: post(
      "/fn/echo",
      `${"[".repeat(90_000)}${"]".repeat(90_000)}`,
      JSON_TYPE,
    ),
    by: "nobody",
    sees: ({ body }) => deepStrictEqual(body.length, 180_000),
  },
  {
    it: "a map that names prototypes",
    send: post(
      "/fn/echo",
      '{"__proto__":{"a":1},"constructor":{"b":2}}',
      JSON_TYPE,
    ),
    by: "nobody",
    sees: ({ body }) => deepStrictEqual(body.constructor, { b: 2 }),
  },
  {
    it: "a number beyond 53 bits, which may lose its last digit",
    send: post("/fn/echo", "[9007199254740993]", JSON_TYPE),
    by: "nobody",
    text: /"body":\[900719925474099[23]\]/,
  },
  {
    it: "a number beyond a double, which the function cannot write back",
    send: post("/fn/echo", "[1e999]", JSON_TYPE),
    by: "nobody",
    status: [500],
    text: /Function execution failed/,
  },
  {
    it: "JSON that is none",
    send: post("/fn/echo", "{nope", JSON_TYPE),
    by: "nobody",
    sees: ({ body }) => deepStrictEqual(body, "{nope"),
  },
  {
    it: "a charset that is none",
    send: post("/fn/echo", "x", "Content-Type: text/plain; charset=none\r\n"),
    by: "nobody",
    sees: ({ body }) => deepStrictEqual(body, "eA=="),
  },
  {
    it: "a content type of noise",
    send: latin1(post("/fn/echo", "x", "Content-Type: \xff;;;=,/\r\n")),
    by: "nobody",
    sees: ({ body }) => deepStrictEqual(body, "eA=="),
  },
  {
    it: "a body that says it is compressed: it goes on as it is",
    send: post("/fn/echo", "x", "Content-Encoding: gzip\r\n"),
    by: "nobody",
    sees: ({ body }) => deepStrictEqual(body, "eA=="),
  },
  {
    it: "a body that declares a gigabyte",
    send:
      `POST /fn/echo HTTP/1.1\r\n${AUTH}Content-Length: 1000000000\r\n\r\nabc`,
    isUnread: true,
    by: "gateway",
    refused: { code: "too_large", says: /more than 200000 bytes/ },
  },
  {
    it: "chunks over the limit",
    send: `POST /fn/echo HTTP/1.1\r\n${AUTH}Transfer-Encoding: chunked\r\n\r\n${
      `10000\r\n${"a".repeat(65_536)}\r\n`.repeat(4)
    }0\r\n\r\n`,
    by: "gateway",
    refused: { code: "too_large", says: /more than 200000 bytes/ },
  },
  {
    it: "an archive that declares a gigabyte",
    send:
      `POST /api/functions/big/deployments HTTP/1.1\r\n${AUTH}Content-Length: 1000000000\r\n\r\nabc`,
    isUnread: true,
    by: "gateway",
    refused: { code: "too_large", says: /more than 1000000 bytes/ },
  },
  {
    it: "5,000 trailers",
    send:
      `POST /fn/echo HTTP/1.1\r\n${AUTH}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n${
        "X-A: b\r\n".repeat(5_000)
      }\r\n`,
    by: "nobody",
    status: [200, 400],
  },
  {
    it: "an upgrade to a WebSocket",
    send: get(
      "/fn/echo",
      `${AUTH}Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n`,
    ),
    by: "nobody",
    sees: ({ headers }) => ok(!("upgrade" in headers)),
  },
  {
    it: "an expectation that nobody knows",
    send: post("/fn/echo", "x", "Expect: 200-ok\r\n"),
    by: "nobody",
    status: [200, 417],
  },
];

function header(line: string, says: RegExp): HttpRow {
  return {
    it: `the header ${line.slice(0, 50)}`,
    send: get("/fn/echo", `${AUTH}${line}\r\n`),
    by: "gateway",
    refused: { code: "invalid", says },
  };
}

const HEADERS: HttpRow[] = [
  header("Oche-Version: abc", /version: /),
  header("Oche-Version: 0", /version: /),
  header("Oche-Version: -1", /version: /),
  header("Oche-Version: 1e3", /version: /),
  header("Oche-Version: 99999999999999999999", /version: /),
  header("Oche-Deadline: soon", /deadline: /),
  header("Oche-Deadline: -1", /deadline: /),
  header("Oche-Deadline: 1e308", /deadline: /),
  header("Oche-Deadline: 0x7fffffff", /deadline: /),
  header(`Idempotency-Key: ${"a".repeat(300)}`, /idempotency-key: /),
  {
    it: "a version that there is not",
    send: get("/fn/echo", `${AUTH}Oche-Version: 999\r\n`),
    by: "runtime",
    refused: { code: "not_found", says: /version 999 of "echo"/ },
  },
  ...["0", "1", "1000000000000"].map((deadline): HttpRow => ({
    it: `the deadline ${deadline}, which has passed`,
    send: get("/fn/echo", `${AUTH}Oche-Deadline: ${deadline}\r\n`),
    by: "runtime",
    refused: { code: "timeout", says: /deadline has passed/ },
  })),
  {
    it: "a deadline in 30,000 years",
    send: get("/fn/echo", `${AUTH}Oche-Deadline: 999999999999999\r\n`),
    by: "nobody",
    status: [200],
  },
  ...[
    "",
    "Authorization: Bearer\r\n",
    "Authorization: Bearer nope\r\n",
    "Authorization: Basic a2V5OmtleQ==\r\n",
    `Authorization: Bearer ${"a".repeat(5_000)}\r\n`,
    "Authorization: Bearer KEY, Bearer KEY\r\n",
    "Authorization: Bearer KEYx\r\n",
    "X-Authorization: Bearer KEY\r\n",
    "Authorization: Bearer x\r\nAuthorization: Bearer KEY\r\n",
  ].map((line): HttpRow => ({
    it: `the key ${JSON.stringify(line.slice(0, 40))}`,
    send: get("/fn/echo", CLOSE + line),
    by: "gateway",
    refused: { code: "unauthenticated", says: /Cannot let you in/ },
  })),
  {
    it: "headers of the system's own, which are the function's to see",
    send: get(
      "/fn/echo",
      `${AUTH}Nats-Service-Error: x\r\nNats-Service-Error-Code: 500\r\nOche-Invocation-Id: x\r\nOche-Claim: x\r\n`,
    ),
    by: "nobody",
    sees: ({ headers }) => ok(!("authorization" in headers)),
  },
];

const DEPLOY = "/api/functions/broken/deployments";
const HOSTILE = await archiveOf({
  "lib/f.dart": `${IMPORT}\n${GOOD}${"/*a*/ /*".repeat(100_000)}`,
});

function deploy(
  it: string,
  target: string,
  body: string | Uint8Array,
  refused: Refusal,
  headers = "",
): HttpRow {
  const bytes = typeof body === "string" ? latin1(body) : body;
  const head = latin1(
    `POST ${target} HTTP/1.1\r\n${AUTH}${headers}Content-Length: ${bytes.length}\r\n\r\n`,
  );
  const send = new Uint8Array(head.length + bytes.length);
  send.set(head);
  send.set(bytes, head.length);
  return { it, send, by: "gateway", refused };
}

const API: HttpRow[] = [
  deploy("no archive", DEPLOY, "", { code: "invalid", says: /is empty/ }),
  deploy(
    "a form without a boundary",
    DEPLOY,
    "x",
    { code: "invalid", says: /Cannot read the form/ },
    "Content-Type: multipart/form-data\r\n",
  ),
  deploy(
    "a form with another field",
    DEPLOY,
    '--b\r\nContent-Disposition: form-data; name="x"\r\n\r\ny\r\n--b--\r\n',
    { code: "invalid", says: /Cannot find the form field archive/ },
    "Content-Type: multipart/form-data; boundary=b\r\n",
  ),
  deploy(
    "a form whose archive is a text",
    DEPLOY,
    '--b\r\nContent-Disposition: form-data; name="archive"\r\n\r\ny\r\n--b--\r\n',
    { code: "invalid", says: /Cannot find the form field archive/ },
    "Content-Type: multipart/form-data; boundary=b\r\n",
  ),
  deploy(
    "a name that is an id",
    "/api/functions/00000000-0000-4000-8000-000000000000/deployments",
    "x",
    { code: "invalid", says: /must not have the shape of a UUID/ },
  ),
  deploy("a name with dots", "/api/functions/a.b/deployments", "x", {
    code: "invalid",
    says: /the function name/,
  }),
  deploy("a question that is none", `${DEPLOY}?public=maybe`, "x", {
    code: "invalid",
    says: /public: /,
  }),
  deploy("an archive that is none", DEPLOY, "x".repeat(600), {
    code: "unsupported",
    says: /neither tar.gz nor zip/,
  }),
  deploy(
    "sources that keep the parser busy",
    "/api/functions/busy-parser/deployments",
    HOSTILE,
    { code: "injection_failed", says: /takes too (long|much memory) to parse/ },
  ),
  deploy(
    "sources that keep the parser busy, to be looked at only",
    "/api/functions/busy-parser/deployments?dryRun=true",
    HOSTILE,
    { code: "injection_failed", says: /takes too (long|much memory) to parse/ },
  ),
  ...([
    ["POST", "/api/functions/echo/rollback", '{"version":1e999}', "invalid"],
    ["POST", "/api/functions/echo/rollback", '{"version":"1"}', "invalid"],
    ["POST", "/api/functions/echo/rollback", '{"version":99}', "not_found"],
    ["PATCH", "/api/functions/echo", '{"minWarm":-1}', "invalid"],
    ["PATCH", "/api/functions/echo", '{"minWarm":1e21}', "invalid"],
    ["PATCH", "/api/functions/echo", '{"idleMs":"5"}', "invalid"],
    [
      "PATCH",
      "/api/functions/echo",
      '{"__proto__":{"public":true}}',
      "invalid",
    ],
    ["PATCH", "/api/functions/echo", '{"id":"x"}', "invalid"],
    ["GET", "/api/functions/echo/logs?limit=1e9", "", "invalid"],
    ["GET", "/api/functions/echo/logs?limit=-1", "", "invalid"],
    ["GET", "/api/functions/echo/logs?version=x", "", "invalid"],
    ["POST", "/api/functions/echo/triggers", '{"type":"x"}', "invalid"],
    ["POST", "/api/functions/echo/triggers", "[]", "invalid"],
    ["DELETE", "/api/functions/nope", "", "not_found"],
    ["PUT", "/api/functions/echo", "", "not_found"],
  ] as const).map(([method, target, body, code]): HttpRow => ({
    it: `${method} ${target} ${body}`,
    send: post(target, body, JSON_TYPE).replace("POST", method),
    by: "gateway",
    refused: { code, says: /^Cannot/ },
  })),
];

export const HTTP_ROWS: HttpRow[] = [
  ...FRAMING,
  ...TARGETS,
  ...BODIES,
  ...HEADERS,
  ...API,
];

/** Bodies that never end: each is answered when its time is up. */
export const SLOW_ROWS: [it: string, send: string][] = [
  ["of a call", "POST /fn/echo"],
  ["of an envelope", `POST ${INVOKE}`],
  ["of a deploy", `POST ${DEPLOY}`],
  ["of a form", `POST ${DEPLOY}`],
  ["of a change", "PATCH /api/functions/echo"],
].flatMap(([what, line]): [string, string][] => {
  const type = what === "of a form"
    ? "Content-Type: multipart/form-data; boundary=b\r\n"
    : "";
  const head = `${line} HTTP/1.1\r\n${AUTH}${type}`;
  return [
    [`a body ${what} that stops`, `${head}Content-Length: 100\r\n\r\n{"a`],
    [
      `chunks ${what} that stop`,
      `${head}Transfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n`,
    ],
  ];
});
