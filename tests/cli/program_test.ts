import { deepStrictEqual, match, strictEqual } from "node:assert";
import { createHmac } from "node:crypto";
import { oche } from "../support/oche.ts";
import { tempDir } from "../support/temp_dir.ts";

const FUNCTION = {
  id: "a0000000-0000-4000-8000-000000000000",
  name: "hello",
  public: false,
  current: 2,
  latest: 2,
  createdAt: "2026-01-01T00:00:00.000Z",
  updatedAt: "2026-01-01T00:00:00.000Z",
  status: "ready",
};

const API_KEY = {
  id: "k1",
  name: "ci",
  scopes: ["deploy"],
  createdAt: "t",
};

const ENVELOPE = {
  statusCode: 200,
  headers: {},
  body: { message: "hi" },
  logs: [{ level: "info", message: "ran", timestamp: "t" }],
  invocationId: "i",
  version: 2,
  durationMs: 1,
  start: "cold",
};

interface Row {
  argv: string[];
  answer: unknown;
  status?: number;
  request: string;
  body?: unknown;
  out: RegExp;
  code?: number;
}

const ROWS: Row[] = [
  {
    argv: ["list"],
    answer: { functions: [FUNCTION] },
    request: "GET /api/functions",
    out: /^NAME +VERSION.*\nhello +2 +ready +no/,
  },
  {
    argv: ["list"],
    answer: { functions: [] },
    request: "GET /api/functions",
    out: /Nothing is deployed yet/,
  },
  {
    argv: ["list", "--json"],
    answer: { functions: [FUNCTION] },
    request: "GET /api/functions",
    out: /^\{"functions":\[\{.*\}\]\}\n$/,
  },
  {
    argv: ["show", "hello"],
    answer: FUNCTION,
    request: "GET /api/functions/hello",
    out: /current +2/,
  },
  {
    argv: ["versions", "hello"],
    answer: {
      versions: [{
        functionId: FUNCTION.id,
        version: 1,
        status: "failed",
        sha256: "",
        createdAt: "t",
        problem: { detail: "Cannot compile: x" },
      }],
    },
    request: "GET /api/functions/hello/versions",
    out: /1 +failed +- +t +Cannot compile: x/,
  },
  {
    argv: ["rollback", "hello", "1"],
    answer: { ...FUNCTION, current: 1 },
    request: "POST /api/functions/hello/rollback",
    body: { version: 1 },
    out: /hello serves version 1/,
  },
  {
    argv: [
      "configure",
      "hello",
      ...["--min-warm", "2", "--isolation", "default", "--no-public"],
      ...["--idle-ms", "-1"],
    ],
    answer: { ...FUNCTION, settings: { minWarm: 2 } },
    request: "PATCH /api/functions/hello",
    body: { public: false, isolation: null, minWarm: 2, idleMs: -1 },
    out: /hello is private\nSETTING +VALUE\nminWarm +2/,
  },
  {
    argv: [
      ...["keys", "create", "ci", "--scope", "deploy", "--scope", "read"],
      ...["--function", "billing-*", "--expires", "2999-01-01T00:00:00Z"],
    ],
    answer: { ...API_KEY, key: "oche_secret" },
    request: "POST /api/keys",
    body: {
      name: "ci",
      scopes: ["deploy", "read"],
      functions: ["billing-*"],
      expiresAt: "2999-01-01T00:00:00.000Z",
    },
    out: /^oche_secret\n$/,
  },
  {
    argv: ["signing-secret", "hello"],
    answer: { secret: "ochesig_x" },
    request: "PUT /api/functions/hello/signing-secret",
    body: {},
    out: /^ochesig_x\n$/,
  },
  {
    argv: ["signing-secret", "hello", "--remove"],
    answer: "",
    request: "DELETE /api/functions/hello/signing-secret",
    out: /^hello has no secret\n$/,
  },
  {
    argv: ["configure", "hello", "--signed"],
    answer: { ...FUNCTION, settings: { signed: true } },
    request: "PATCH /api/functions/hello",
    body: { signed: true },
    out: /signed +true/,
  },
  {
    argv: ["keys", "list"],
    answer: { keys: [API_KEY, { ...API_KEY, revokedAt: "2026" }] },
    request: "GET /api/keys",
    out: /^ID +NAME.*\nk1 +ci +deploy +all +t +never *\n.* revoked 2026/,
  },
  {
    argv: ["keys", "revoke", "k1", "--json"],
    answer: "",
    status: 204,
    request: "DELETE /api/keys/k1",
    out: /^\{"revoked":"k1"\}\n$/,
  },
  {
    argv: ["storage"],
    answer: {
      functions: 1,
      versions: { ready: 2 },
      stores: [{
        name: "OCHE_LOG",
        kind: "stream",
        messages: 3,
        bytes: 1_048_576,
        maxBytes: 268_435_456,
        maxAgeMs: 86_400_000,
        isInMemory: false,
      }],
    },
    request: "GET /api/storage",
    out:
      /^1 functions, versions: 2 ready\n\nSTORE[^]*OCHE_LOG +stream +3 +1\.0 +256 MB +1 d +disk/,
  },
  {
    argv: ["logs", "hello", "--limit", "5"],
    answer: {
      logs: [{
        level: "info",
        message: "m",
        timestamp: "t",
        invocationId: "i",
        version: 1,
        metadata: { a: 1 },
      }],
    },
    request: "GET /api/functions/hello/logs?limit=5",
    out: /^t info {2}v1 m \{"a":1\}\n$/,
  },
  {
    argv: [
      ...["invoke", "hello", "--data", '{"name":"Ada"}', "--method", "PUT"],
      ...["--path", "/x", "--header", "X-A: 1", "--query", "q=a=b"],
    ],
    answer: ENVELOPE,
    request: "POST /api/functions/hello/invoke",
    body: {
      method: "PUT",
      path: "/x",
      headers: { "X-A": "1" },
      query: { q: "a=b" },
      body: { name: "Ada" },
    },
    out: /^\{\n {2}"message": "hi"\n\}\n$/,
  },
  {
    argv: ["invoke", "hello", "--data", "plain text"],
    answer: { ...ENVELOPE, body: "text" },
    request: "POST /api/functions/hello/invoke",
    body: { headers: {}, query: {}, body: "plain text" },
    out: /^text\n$/,
  },
  {
    argv: ["--json", "invoke", "hello"],
    answer: ENVELOPE,
    request: "POST /api/functions/hello/invoke",
    body: { headers: {}, query: {}, body: null },
    out: /^\{"statusCode":200,.*\}\n$/,
  },
];

for (const { argv, answer, request, body, out, code = 0 } of ROWS) {
  Deno.test(`oche ${argv.join(" ")}`, async () => {
    const outcome = await oche(argv, { answer: () => Response.json(answer) });
    strictEqual(outcome.code, code, outcome.err);
    const [sent] = outcome.requests;
    const url = new URL(sent?.url ?? "");
    strictEqual(`${sent?.method} ${url.pathname}${url.search}`, request);
    strictEqual(sent?.headers.get("authorization"), "Bearer k");
    if (body !== undefined) deepStrictEqual(await sent?.json(), body);
    match(outcome.out, out);
  });
}

const STACK: [argv: string[], out: string, code: number][] = [
  [["up"], "up false false\n", 0],
  [["up", "--once"], "up true false\n", 0],
  [["up", "-d"], "up false true\n", 0],
  [["down"], "down\n", 0],
  [["test", "bus"], "test bus false\n", 1],
  [["test", "--long"], "test undefined true\n", 1],
  [["doctor", "--json"], "doctor true\n", 0],
  [["bench", "--quick"], "bench true undefined .oche/bench\n", 0],
];

for (const [argv, out, code] of STACK) {
  Deno.test(`oche ${argv.join(" ")} is the stack's`, async () => {
    const outcome = await oche(argv);
    deepStrictEqual([outcome.out, outcome.code], [out, code]);
  });
}

const USAGE: [argv: string[], text: RegExp][] = [
  [["lst"], /Did you mean list\?[^]*See \.\/oche --help/],
  [["keys", "nope"], /unknown command 'nope'[^]*See \.\/oche keys --help/],
  [["keys", "revoke", ""], /empty id\n {2}Usage: \.\/oche keys revoke .*<id>/],
  [["triggers", "set", "", "a=1"], /empty name\n/],
  [
    ["keys", "create", "a", "--expires", "2030-02-31T00:00:00Z"],
    /Cannot read --expires/,
  ],
  [["invoke"], /missing required argument 'name'/],
  [["list", "--nope"], /unknown option/],
  [["rollback", "hello", "one"], /Cannot read the version "one"/],
  [["invoke", "hello", "--header", "nope"], /Cannot read --header "nope"/],
  [["deploy", "/no/such/folder"], /Cannot find "\/no\/such\/folder"/],
  [["init", "9"], /Cannot make a name/],
  [["init", "x", "--template", "nope"], /There is no template "nope"/],
];

for (const [argv, text] of USAGE) {
  Deno.test(`oche ${argv.join(" ")} says what is wrong`, async () => {
    const { code, err, requests } = await oche(argv);
    match(err, text);
    strictEqual(code === 2 || code === 3, true, String(code));
    strictEqual(requests.length, 0);
  });
}

const PROBLEMS: [code: string, status: number, exit: number][] = [
  ["invalid", 400, 2],
  ["unauthenticated", 401, 4],
  ["not_found", 404, 3],
  ["build_failed", 422, 5],
  ["busy", 429, 7],
  ["function_failed", 502, 6],
  ["timeout", 504, 6],
];

for (const [code, status, exit] of PROBLEMS) {
  Deno.test(`oche ends with ${exit} on ${code}`, async () => {
    const problem = {
      code,
      status,
      detail: "Cannot do it",
      hint: "Do this",
      diagnostics: [{ file: "a.dart", line: 1, column: 2, message: "no" }],
    };
    const answer = () =>
      new Response(JSON.stringify(problem), {
        status,
        headers: { "content-type": "application/problem+json" },
      });
    const plain = await oche(["list"], { answer });
    strictEqual(plain.code, exit);
    strictEqual(plain.out, "");
    match(plain.err, /error: Cannot do it\n {2}a\.dart:1:2: no\n {2}Do this\n/);
    const json = await oche(["list", "--json"], { answer });
    strictEqual(JSON.parse(json.err).code, code);
  });
}

Deno.test("oche says each place of an error once", async () => {
  const { err } = await oche(["list"], {
    answer: () =>
      Response.json({
        code: "build_failed",
        detail: "Cannot compile: a.dart:1:2: no (and 1 more)",
        diagnostics: [
          { file: "a.dart", line: 1, column: 2, message: "no" },
          { file: "b.dart", line: 3, column: 4, message: "nor this" },
        ],
      }, { headers: { "content-type": "application/problem+json" } }),
  });
  strictEqual(
    err,
    "error: Cannot compile: a.dart:1:2: no (and 1 more)\n" +
      "  b.dart:3:4: nor this\n",
  );
});

Deno.test("oche says so when there is no server", async () => {
  const none = await oche(["list"]);
  strictEqual(none.code, 7);
  match(none.err, /Cannot reach http:\/\/oche\.test/);
  using folder = tempDir();
  const unknown = await oche(["list"], {
    env: { OCHE_URL: "", OCHE_HOME: folder.path },
  });
  strictEqual(unknown.code, 7);
  match(unknown.err, /Cannot find a running Oche/);
});

Deno.test("oche finds the stack of its home", async () => {
  using folder = tempDir();
  await Deno.writeTextFile(
    `${folder.path}/stack.json`,
    JSON.stringify({ url: "http://127.0.0.1:1", natsUrl: "nats://a:b'c@d" }),
  );
  await Deno.writeTextFile(`${folder.path}/admin.key`, "key\n");
  const { out } = await oche(["env"], {
    env: { OCHE_URL: "", OCHE_KEY: "", OCHE_HOME: folder.path },
  });
  const shell = await new Deno.Command("sh", {
    args: [
      "-c",
      `eval "$1"; printf '%s|%s|%s' "$OCHE_URL" "$OCHE_KEY" "$NATS_URL"`,
      "sh",
      out,
    ],
  }).output();
  strictEqual(
    new TextDecoder().decode(shell.stdout),
    "http://127.0.0.1:1|key|nats://a:b'c@d",
  );
});

const STACK_FILE = {
  url: "http://127.0.0.1:1",
  natsUrl: "nats://operator:a@h",
  natsServiceUrl: "nats://service:b@h",
};

Deno.test("oche env --service knows the stack that the environment names", async () => {
  using folder = tempDir();
  await Deno.writeTextFile(
    `${folder.path}/stack.json`,
    JSON.stringify(STACK_FILE),
  );
  const evaluated = {
    OCHE_URL: `${STACK_FILE.url}/`,
    NATS_URL: STACK_FILE.natsUrl,
    OCHE_HOME: folder.path,
  };
  const service = await oche(["env", "--service"], { env: evaluated });
  strictEqual(service.code, 0, service.err);
  match(service.out, /^export NATS_URL='nats:\/\/service:b@h'\n/);
  const operator = await oche(["env"], {
    env: { ...evaluated, NATS_URL: STACK_FILE.natsServiceUrl },
  });
  match(operator.out, /^export NATS_URL='nats:\/\/operator:a@h'$/m);
});

Deno.test("oche env --service prints nothing to eval for another stack", async () => {
  using folder = tempDir();
  await Deno.writeTextFile(
    `${folder.path}/stack.json`,
    JSON.stringify(STACK_FILE),
  );
  for (const json of [[], ["--json"]]) {
    const { code, out, err } = await oche(["env", "--service", ...json], {
      env: { OCHE_HOME: folder.path },
    });
    deepStrictEqual([code, out], [7, ""]);
    match(err, /Cannot say what a service connects as/);
  }
});

Deno.test("oche deploy follows the build and names the function by its pubspec", async () => {
  using folder = tempDir();
  await Deno.writeTextFile(`${folder.path}/pubspec.yaml`, "name: my_shop\n");
  const done = { id: "i", name: "my-shop", version: 3, status: "ready" };
  const answer = () =>
    new Response(
      'event: step\ndata: {"step":"a","message":"Analysing"}\n\n: beat\n\n' +
        'event: log\ndata: {"line":"built"}\n\n' +
        `event: done\ndata: ${JSON.stringify(done)}\n\n`,
      { headers: { "content-type": "text/event-stream" } },
    );
  const argv = ["deploy", ".", "--verbose"];
  const { code, out, err, requests } = await oche(argv, {
    answer,
    cwd: folder.path,
  });
  strictEqual(code, 0, err);
  strictEqual(
    new URL(requests[0]?.url ?? "").pathname,
    "/api/functions/my-shop/deployments",
  );
  match(err, /Analysing …\n {2}built\n/);
  match(
    out,
    /my-shop version 3 is ready\n {2}http:\/\/oche\.test\/fn\/my-shop/,
  );
  const named = await oche(["deploy", "--name", "x", "--public"], {
    answer,
    cwd: folder.path,
  });
  match(
    named.requests[0]?.url ?? "",
    /functions\/x\/deployments\?public=true$/,
  );
});

Deno.test("oche deploy ends with 5 on an error event", async () => {
  using folder = tempDir();
  const problem = { code: "injection_failed", detail: "Failed to inject" };
  const { code, err } = await oche(["deploy", "--name", "x"], {
    cwd: folder.path,
    answer: () =>
      new Response(`event: error\ndata: ${JSON.stringify(problem)}\n\n`, {
        headers: { "content-type": "text/event-stream" },
      }),
  });
  strictEqual(code, 5);
  match(err, /Failed to inject/);
});

for (const template of ["hello", "json-api", "logger"]) {
  Deno.test(`oche init --template ${template} writes a project`, async () => {
    using folder = tempDir();
    const argv = ["init", "my-shop", "--template", template];
    const { code, err } = await oche(argv, { cwd: folder.path });
    strictEqual(code, 0, err);
    const root = `${folder.path}/my-shop`;
    match(await Deno.readTextFile(`${root}/pubspec.yaml`), /^name: my_shop\n/);
    match(
      await Deno.readTextFile(`${root}/lib/my_shop.dart`),
      /class MyShop extends CloudDartFunction/,
    );
    strictEqual((await oche(argv, { cwd: folder.path })).code, 1);
  });
}

Deno.test("oche --help and --version end with 0", async () => {
  match((await oche(["--help"])).out, /Exit codes: 0 ok/);
  strictEqual((await oche(["--version"])).out, "1.2.3\n");
  const { code, out } = await oche(["deploy", "--help"]);
  strictEqual(code, 0);
  match(out, /Example:\n {2}\.\/oche deploy examples\/hello/);
});

for (const raw of [[], ["--raw"]]) {
  Deno.test(`invoke --sign ${raw} signs timestamp and body with the secret of the environment`, async () => {
    const { requests, code, err } = await oche(
      ["invoke", "hello", "--data", '{"a":1}', "--sign", ...raw],
      {
        answer: () => Response.json(ENVELOPE),
        env: { OCHE_SIGNING_SECRET: "s".repeat(32) },
      },
    );
    strictEqual(code, 0, err);
    const [request] = requests;
    const timestamp = request?.headers.get("oche-timestamp");
    const hmac = createHmac("sha256", "s".repeat(32))
      .update(`${timestamp}.${await request?.text()}`);
    strictEqual(
      request?.headers.get("oche-signature"),
      `v1=${hmac.digest("hex")}`,
    );
  });
}

Deno.test("invoke --sign without a secret says where it is looked for", async () => {
  const { code, err } = await oche(["invoke", "hello", "--sign"]);
  strictEqual(code, 2);
  match(err, /OCHE_SIGNING_SECRET/);
});

Deno.test("keys rotate-seal asks no server", async () => {
  const { code, out, requests } = await oche(["keys", "rotate-seal"]);
  deepStrictEqual([code, out, requests.length], [0, "rotated false\n", 0]);
  const dropped = await oche(["keys", "rotate-seal", "--drop-old"]);
  strictEqual(dropped.out, "rotated true\n");
});
