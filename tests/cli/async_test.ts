import { deepStrictEqual, match, strictEqual } from "node:assert";
import { oche } from "../support/oche.ts";

const RECORD = {
  id: "i-1",
  functionId: "a0000000-0000-4000-8000-000000000000",
  state: "succeeded",
  attempt: 2,
  attempts: [
    {
      attempt: 1,
      startedAt: "t1",
      endedAt: "t2",
      runtime: "r",
      failure: "5xx",
      statusCode: 500,
    },
    { attempt: 2, startedAt: "t3", endedAt: "t4", runtime: "r" },
  ],
  source: { type: "http" },
  createdAt: "t0",
  result: { statusCode: 200, headers: {}, body: { a: 1 }, bytes: 7 },
};

const LETTER = {
  id: "l1",
  functionId: RECORD.functionId,
  function: "hello",
  reason: "exhausted",
  deadAt: "t",
  attempts: 3,
  lastError: "It died",
};

const ACCEPTED = {
  invocationId: "i-1",
  functionId: RECORD.functionId,
  function: "hello",
  duplicate: false,
  url: "/api/invocations/i-1",
};

interface Row {
  argv: string[];
  answer: unknown;
  request: string;
  headers?: Record<string, string>;
  body?: unknown;
  out: RegExp;
}

const ROWS: Row[] = [
  {
    argv: [
      ...["invoke", "hello", "--async", "--delay", "PT5M"],
      ...["--idempotency-key", "k", "--data", "1"],
    ],
    answer: ACCEPTED,
    request: "POST /api/functions/hello/invoke?mode=async",
    headers: { "oche-delay": "PT5M", "idempotency-key": "k" },
    body: { headers: {}, query: {}, body: 1 },
    out: /^i-1\nSee \.\/oche invocations show i-1\n$/,
  },
  {
    argv: [
      "invoke",
      "hello",
      "--async",
      "--at",
      "2030-01-01T00:00:00Z",
      "--json",
    ],
    answer: { ...ACCEPTED, duplicate: true },
    request: "POST /api/functions/hello/invoke?mode=async",
    headers: { "oche-at": "2030-01-01T00:00:00Z" },
    out: /"duplicate":true/,
  },
  {
    argv: ["invocations", "list", "hello", "--state", "dead", "--limit", "5"],
    answer: { invocations: [RECORD], next: "c" },
    request: "GET /api/functions/hello/invocations?state=dead&limit=5",
    out: /^ID +STATE.*\ni-1 +succeeded +2 +http +t0\nMore: --cursor c\n$/,
  },
  {
    argv: ["invocations", "list", "hello", "--cursor", "c~1"],
    answer: { invocations: [] },
    request: "GET /api/functions/hello/invocations?cursor=c%7E1",
    out: /^None\n$/,
  },
  {
    argv: ["invocations", "show", "i-1"],
    answer: RECORD,
    request: "GET /api/invocations/i-1",
    out: /state +succeeded[^]*\n1 +t1 +t2 +500 +5xx\n2 +t3 +t4 +-\n$/,
  },
  {
    argv: ["invocations", "cancel", "i-1"],
    answer: { ...RECORD, state: "cancelled" },
    request: "DELETE /api/invocations/i-1",
    out: /^i-1 is cancelled\n$/,
  },
  {
    argv: [
      ...["dead", "list", "--function", "hello", "--reason", "exhausted"],
      ...["--older-than", "P1D", "--limit", "3"],
    ],
    answer: { letters: [LETTER], more: true },
    request:
      "GET /api/dead?function=hello&reason=exhausted&olderThanMs=86400000&limit=3",
    out: /^ID +FUNCTION.*\nl1 +hello +exhausted +3 +t +It died\nThere are more/,
  },
  {
    argv: ["dead", "show", "l1"],
    answer: {
      ...LETTER,
      record: RECORD,
      message: {
        functionId: RECORD.functionId,
        invocationId: "l1",
        source: { type: "cron" },
        request: { body: { a: 1 } },
      },
    },
    request: "GET /api/dead/l1",
    out:
      /^FIELD +VALUE\nid +l1\n[^]*reason +exhausted\n[^]*request +POST \/\n[^]*body +\{"a":1\}\n\nATTEMPT[^]*\n1 +t1 +t2 +500/,
  },
  {
    argv: ["dead", "show", "l1", "--json"],
    answer: LETTER,
    request: "GET /api/dead/l1",
    out: /^\{"id":"l1",.*\}\n$/,
  },
  {
    argv: ["dead", "redrive", "l1"],
    answer: { invocationId: "i-9", redriveOf: ["l1"] },
    request: "POST /api/dead/l1/redrive",
    out: /^l1 runs again as i-9\n$/,
  },
  {
    argv: ["dead", "redrive", "--reason", "expired", "--per-second", "20"],
    answer: { done: 3, more: true },
    request: "POST /api/dead/redrive",
    body: { reason: "expired", perSecond: 20 },
    out: /^3 run again; there are more\n$/,
  },
  {
    argv: ["dead", "drop", "--all", "--limit", "10"],
    answer: { done: 2, more: false },
    request: "POST /api/dead/drop",
    body: { limit: 10 },
    out: /^2 dropped\n$/,
  },
  {
    argv: [
      ...["configure", "hello", "--retry", '{"maxAttempts":5}'],
      ...["--concurrency-key", "header:x-tenant", "--rate", "10/PT1M"],
      ...["--debounce-ms", "default", "--priority", "9"],
    ],
    answer: {
      id: RECORD.functionId,
      name: "hello",
      public: false,
      settings: { retry: { maxAttempts: 5 }, priority: 9 },
      current: 1,
      latest: 1,
      createdAt: "t",
      updatedAt: "t",
      status: "ready",
    },
    request: "PATCH /api/functions/hello",
    body: {
      retry: { maxAttempts: 5 },
      concurrencyKey: "header:x-tenant",
      rate: { limit: 10, intervalMs: 60_000 },
      debounceMs: null,
      priority: 9,
    },
    out: /retry +\{"maxAttempts":5,/,
  },
];

for (const { argv, answer, request, headers = {}, body, out } of ROWS) {
  Deno.test(`oche ${argv.join(" ")}`, async () => {
    const outcome = await oche(argv, { answer: () => Response.json(answer) });
    strictEqual(outcome.code, 0, outcome.err);
    const [sent] = outcome.requests;
    const url = new URL(sent?.url ?? "");
    strictEqual(`${sent?.method} ${url.pathname}${url.search}`, request);
    for (const [name, value] of Object.entries(headers)) {
      strictEqual(sent?.headers.get(name), value);
    }
    if (body !== undefined) deepStrictEqual(await sent?.json(), body);
    match(outcome.out, out);
  });
}

Deno.test("oche invoke --async --wait prints the result, or ends as it did", async () => {
  for (
    const [record, code, text] of [
      [RECORD, 0, /"a": 1/],
      [
        {
          ...RECORD,
          state: "dead",
          result: undefined,
          error: { code: "timeout", detail: "Cannot wait" },
        },
        6,
        /error: Cannot wait/,
      ],
      [
        {
          ...RECORD,
          state: "failed",
          result: { ...RECORD.result, statusCode: 422 },
        },
        6,
        /is failed: the function answered with status 422/,
      ],
      [{ ...RECORD, state: "cancelled", result: undefined }, 6, /is cancelled/],
    ] as const
  ) {
    let polls = 0;
    const outcome = await oche(["invoke", "hello", "--async", "--wait"], {
      answer: ({ method }) =>
        Response.json(
          method === "POST"
            ? ACCEPTED
            : polls++ === 0
            ? { ...RECORD, state: "queued" }
            : record,
        ),
    });
    strictEqual(outcome.code, code);
    match(outcome.out + outcome.err, text);
    strictEqual(polls, 2);
  }
});

for (
  const [argv, text] of [
    [["dead", "redrive"], /Cannot redrive: nothing is named/],
    [["dead", "drop", "--limit", "3"], /Cannot drop: nothing is named/],
    [["dead", "list", "--older-than", "soon"], /Cannot read the delay "soon"/],
    [["configure", "hello", "--rate", "fast"], /Cannot read the rate "fast"/],
  ] as const
) {
  Deno.test(`oche ${argv.join(" ")} says what is wrong`, async () => {
    const { code, err, requests } = await oche([...argv]);
    match(err, text);
    strictEqual(code, 2);
    strictEqual(requests.length, 0);
  });
}

for (const group of ["invocations", "dead"]) {
  Deno.test(`oche ${group} --help lists its commands`, async () => {
    const { code, out } = await oche([group, "--help"]);
    strictEqual(code, 0);
    match(out, /: list, show, /);
    match(out, /list \[options\]/);
    match(out, /--json/);
  });
}
