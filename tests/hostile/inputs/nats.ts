/** Hostile NATS messages: what is sent, and what comes back. */
import { deepStrictEqual, ok } from "node:assert";
import type { Refusal } from "./row.ts";

export interface NatsRow {
  it: string;
  subject: string;
  payload?: string | Uint8Array;
  headers?: Record<string, string>;
  /** Put into the bucket of claims under the name `claim` before. */
  claim?: Uint8Array;
  refused?: Refusal;
  // deno-lint-ignore no-explicit-any -- What the function saw, of any shape.
  sees?: (request: any) => void;
}

const ECHO = "functions.invoke.echo";
const encoder = new TextEncoder();

function invalid(
  it: string,
  payload: string | Uint8Array,
  says: RegExp,
): NatsRow {
  return {
    it: `a payload that is ${it}`,
    subject: ECHO,
    payload,
    refused: { code: "invalid", says },
  };
}

const PAYLOADS: NatsRow[] = [
  invalid("not JSON", "nope", /it is not JSON/),
  invalid("half a JSON", '{"body":', /it is not JSON/),
  invalid("not UTF-8", new Uint8Array([0xff, 0xfe, 0x7b]), /it is not UTF-8/),
  invalid("an overlong form", new Uint8Array([0xc0, 0xaf]), /it is not UTF-8/),
  invalid("a list", "[]", /Cannot read the request/),
  invalid("a number", "1e999", /Cannot read the request/),
  invalid("null", "null", /Cannot read the request/),
  invalid("a NUL", "\0", /it is not JSON/),
  invalid("a wrong method", '{"method":"A B"}', /method: /),
  invalid("an empty method", '{"method":""}', /method: /),
  invalid("a path of another type", '{"path":{}}', /path: /),
  invalid(
    "a header with a line break",
    '{"headers":{"a":"b\\nc: d"}}',
    /headers/,
  ),
  invalid("a header with a NUL", '{"headers":{"a":"\\u0000"}}', /headers/),
  invalid("a header's empty name", '{"headers":{"":"a"}}', /headers/),
  invalid("headers of another type", '{"headers":"a"}', /headers: /),
  invalid("a query of lists", '{"query":{"a":["b"]}}', /query/),
  invalid(
    "base64 that is none",
    '{"body":"a===","isBase64Encoded":true}',
    /is not base64/,
  ),
  invalid(
    "base64 that is missing",
    '{"isBase64Encoded":true}',
    /is not base64/,
  ),
  invalid("a flag of another type", '{"isBase64Encoded":1}', /isBase64Encoded/),
  invalid(
    "nested 600 times",
    `{"body":${"[".repeat(600)}${"]".repeat(600)}}`,
    /deeper than 512 levels/,
  ),
  {
    it: "a body over the limit",
    subject: ECHO,
    payload: JSON.stringify({ body: "a".repeat(250_000) }),
    refused: { code: "too_large", says: /it has 250000 bytes/ },
  },
  {
    it: "a payload over twice the limit",
    subject: ECHO,
    payload: JSON.stringify({ body: "a".repeat(500_000) }),
    refused: { code: "too_large", says: /at most 400000 are allowed/ },
  },
  {
    it: "10,000 headers in the request",
    subject: ECHO,
    payload: JSON.stringify({
      headers: Object.fromEntries(
        Array.from({ length: 10_000 }, (_, n) => [`x-${n}`, "a"]),
      ),
    }),
    sees: ({ headers }) => deepStrictEqual(Object.keys(headers).length, 10_000),
  },
  {
    it: "a map that names prototypes",
    subject: ECHO,
    payload: '{"body":{"__proto__":{"a":1},"constructor":1},"x":{"y":1}}',
    sees: ({ body }) => deepStrictEqual(body.constructor, 1),
  },
  {
    it: "no payload",
    subject: ECHO,
    sees: ({ method, path }) => deepStrictEqual([method, path], ["POST", "/"]),
  },
];

function withHeaders(
  it: string,
  headers: Record<string, string>,
  refused: Refusal,
): NatsRow {
  return { it, subject: ECHO, headers, refused };
}

const HEADERS: NatsRow[] = [
  ...["0", "-1", "1.5", "abc", "1e3", "0x1", "9".repeat(20), ""].map(
    (version) =>
      withHeaders(`the version ${JSON.stringify(version)}`, {
        "Oche-Version": version,
      }, { code: "invalid", says: /version: / }),
  ),
  withHeaders("a version that there is not", { "Oche-Version": "999" }, {
    code: "not_found",
    says: /version 999/,
  }),
  ...["soon", "-1", "1e308", "Infinity", ""].map((deadline) =>
    withHeaders(`the deadline ${JSON.stringify(deadline)}`, {
      "Oche-Deadline": deadline,
    }, { code: "invalid", says: /deadline: / })
  ),
  ...["0", "1", "1000000000000"].map((deadline) =>
    withHeaders(`the deadline ${deadline}, which has passed`, {
      "Oche-Deadline": deadline,
    }, { code: "timeout", says: /deadline has passed/ })
  ),
  withHeaders("an idempotency key of 300 characters", {
    "Idempotency-Key": "a".repeat(300),
  }, { code: "invalid", says: /idempotencyKey: / }),
  withHeaders("a claim that there is not", {
    "Oche-Claim": crypto.randomUUID(),
  }, { code: "not_found", says: /Cannot find the object/ }),
  withHeaders("a claim on a path", { "Oche-Claim": "../../oche_archives/x" }, {
    code: "not_found",
    says: /Cannot find the object/,
  }),
  withHeaders("a claim on wildcards", { "Oche-Claim": "*.>" }, {
    code: "not_found",
    says: /Cannot find the object/,
  }),
  withHeaders(
    "a claim of 10,000 letters",
    { "Oche-Claim": "a".repeat(10_000) },
    {
      code: "invalid",
      says: /the header Oche-Claim/,
    },
  ),
  {
    it: "a claim on more than is allowed",
    subject: ECHO,
    claim: new Uint8Array(500_000),
    refused: { code: "too_large", says: /more than 400000 bytes/ },
  },
  {
    it: "a claim on noise",
    subject: ECHO,
    claim: new Uint8Array([0xff, 0xfe]),
    refused: { code: "invalid", says: /it is not UTF-8/ },
  },
  {
    it: "forged headers of a service, which nobody reads",
    subject: ECHO,
    headers: {
      "Nats-Service-Error": "forged",
      "Nats-Service-Error-Code": "500",
      "Oche-Invocation-Id": "forged",
      "Oche-Start": "forged",
      "Status": "503",
      "Nats-Msg-Id": "forged",
    },
    sees: (request) => ok(!JSON.stringify(request).includes("forged")),
  },
];

const SUBJECTS: NatsRow[] = [
  ...([
    ["ECHO", "invalid"],
    ["echo!", "invalid"],
    ["..%2fecho", "invalid"],
    ["a".repeat(64), "invalid"],
    ["__proto__", "invalid"],
    ["nobody", "not_found"],
    ["00000000-0000-4000-8000-000000000000", "not_found"],
    ["00000000-0000-4000-8000-00000000000G", "invalid"],
  ] as const).map(([name, code]): NatsRow => ({
    it: `the name ${name.slice(0, 40)}`,
    subject: name.includes(".")
      ? `functions.invoke.${name.replaceAll(".", "")}`
      : `functions.invoke.${name}`,
    refused: { code, says: /^Cannot/ },
  })),
  {
    it: "a request to analyse nothing",
    subject: "functions.validate",
    refused: { code: "invalid", says: /it is not JSON/ },
  },
  {
    it: "a request to analyse a number",
    subject: "functions.validate",
    payload: '{"archive":1}',
    refused: { code: "invalid", says: /archive: / },
  },
  {
    it: "a request to analyse what is not there",
    subject: "functions.validate",
    payload: '{"archive":"nope"}',
    refused: { code: "not_found", says: /Cannot find the object/ },
  },
  {
    it: "a request to analyse noise",
    subject: "functions.validate",
    payload: '{"archive":"CLAIM"}',
    claim: encoder.encode("noise".repeat(200)),
    refused: { code: "unsupported", says: /neither tar.gz nor zip/ },
  },
  {
    it: "a request to analyse more than is allowed",
    subject: "functions.validate",
    payload: '{"archive":"CLAIM"}',
    claim: new Uint8Array(1_500_000),
    refused: { code: "too_large", says: /more than 1000000 bytes/ },
  },
];

export const NATS_ROWS: NatsRow[] = [...PAYLOADS, ...HEADERS, ...SUBJECTS];

/** Messages without an answer; whoever takes them goes on. `ID` is the function's. */
export const SILENT_ROWS: {
  it: string;
  subject: string;
  reply?: string;
  payload?: string;
}[] = [
  { it: "an invoke that nobody waits for", subject: ECHO },
  { it: "noise that nobody waits for", subject: ECHO, payload: "nope" },
  {
    it: "an answer that would invoke",
    subject: ECHO,
    reply: "functions.invoke.echo",
    payload: '{"path":"/forged"}',
  },
  {
    it: "an answer that would deploy",
    subject: ECHO,
    reply: "functions.deploy.ID",
  },
  {
    it: "an answer that would change a record",
    subject: "functions.validate",
    reply: "$KV.oche_functions.fn.ID",
    payload: "{}",
  },
  { it: "a deploy of noise", subject: "functions.deploy.ID", payload: "nope" },
  { it: "a deploy of nothing", subject: "functions.deploy.ID", payload: "" },
  {
    it: "a deploy of no function",
    subject: "functions.deploy.nope",
    payload: JSON.stringify({
      functionId: "00000000-0000-4000-8000-000000000000",
      version: 1,
      archive: "x",
      sha256: "0".repeat(64),
    }),
  },
  {
    it: "a deploy that took place before",
    subject: "functions.deploy.ID",
    payload: '{"functionId":"ID","version":1,"archive":"other","sha256":"' +
      `${"0".repeat(64)}"}`,
  },
  {
    it: "a build's progress of noise",
    subject: "functions.build.ID.1",
    payload: "nope",
  },
  { it: "a log of noise", subject: "functions.log.ID.1", payload: "nope" },
  {
    it: "a log of another shape",
    subject: "functions.log.ID.1",
    payload: '{"lines":1}',
  },
  { it: "an event of noise", subject: "functions.event.x", payload: "\0" },
  {
    it: "an asynchronous invocation of noise",
    subject: "functions.async.ID.x",
    payload: "nope",
  },
  { it: "a cancel of noise", subject: "functions.cancel", payload: "nope" },
  { it: "a signature of noise", subject: "functions.signature.x" },
  { it: "a question of noise", subject: "functions.calls", payload: "nope" },
  { it: "a ping of noise", subject: "$SRV.PING", payload: "\0".repeat(1_000) },
];
