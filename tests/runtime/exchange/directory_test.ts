import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert";
import {
  readLogLines,
  readResponse,
} from "../../../runtime/exchange/answer.ts";
import { ExchangeDirectory } from "../../../runtime/exchange/directory.ts";
import { Doorbell } from "../../../runtime/exchange/doorbell.ts";
import { encodeUtf8 } from "../../../src/contracts/utf8.ts";
import { tempDir } from "../../support/temp_dir.ts";

const ID = "a0000000-0000-4000-8000-000000000000";

function open() {
  const folder = tempDir();
  const exchange = new ExchangeDirectory({
    functionsDir: folder.path,
    functionId: ID,
    version: 3,
    containerName: "oche-1",
    env: { A: "1", B: "two words" },
  });
  return {
    exchange,
    folder: folder.path,
    [Symbol.dispose]() {
      exchange[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
}

Deno.test("ExchangeDirectory lies where the spec says, with its files", () => {
  using opened = open();
  const { exchange, folder } = opened;
  strictEqual(exchange.path, `${folder}/${ID}/v3/oche-1`);
  strictEqual(exchange.insidePath, `/app/functions/${ID}/v3/oche-1`);
  const names = Array.from(Deno.readDirSync(exchange.path), ({ name }) => name);
  deepStrictEqual(names.sort(), [
    ".env.config",
    "answer",
    "doorbell",
    "logs.json",
    "request.json",
    "result.json",
    "ring",
  ]);
  strictEqual(
    Deno.readTextFileSync(`${exchange.path}/.env.config`),
    'A=1\nB="two words"\n',
  );
  strictEqual(Deno.readTextFileSync(`${exchange.path}/result.json`), "");
});

const READ_ONLY = ["", "request.json", ".env.config", "ring"];
const WRITABLE = ["answer", "logs.json", "result.json"];

Deno.test("ExchangeDirectory lets the function write two files and a pipe, and nothing else", () => {
  using opened = open();
  const { path } = opened.exchange;
  const modes = Object.fromEntries(
    [...READ_ONLY, ...WRITABLE].map(
      (name) => [name, (Deno.statSync(`${path}/${name}`).mode ?? 0) & 0o777],
    ),
  );
  deepStrictEqual(modes, {
    "": 0o755,
    "request.json": 0o644,
    ".env.config": 0o644,
    "ring": 0o644,
    "answer": 0o622,
    "logs.json": 0o666,
    "result.json": 0o666,
  });
});

Deno.test("ExchangeDirectory keeps nothing of one request for the next", () => {
  using opened = open();
  const { exchange } = opened;
  exchange.writeRequest(encodeUtf8('{"body":"a long first request"}'));
  Deno.writeTextFileSync(`${exchange.path}/result.json`, '{"statusCode":200}');
  Deno.writeTextFileSync(`${exchange.path}/logs.json`, '{"logs":[]}');
  exchange.writeRequest(encodeUtf8("{}"));
  strictEqual(Deno.readTextFileSync(`${exchange.path}/request.json`), "{}");
  strictEqual(exchange.readResult(100).length, 0);
  deepStrictEqual(exchange.readLogs(100), { text: "", cut: false });
});

Deno.test("ExchangeDirectory reads what it made, not what took its place", () => {
  using opened = open();
  const { exchange } = opened;
  Deno.removeSync(`${exchange.path}/result.json`);
  Deno.symlinkSync("/etc/passwd", `${exchange.path}/result.json`);
  strictEqual(exchange.readResult(100_000).length, 0);
});

Deno.test("ExchangeDirectory leaves nothing behind", () => {
  using folder = tempDir();
  const spec = {
    functionsDir: folder.path,
    functionId: ID,
    version: 1,
    env: {},
  };
  const one = new ExchangeDirectory({ ...spec, containerName: "one" });
  const two = new ExchangeDirectory({ ...spec, containerName: "two" });
  one[Symbol.dispose]();
  strictEqual(Array.from(Deno.readDirSync(folder.path)).length, 1);
  two[Symbol.dispose]();
  strictEqual(Array.from(Deno.readDirSync(folder.path)).length, 0);
});

Deno.test("ExchangeDirectory says when it cannot be made", () => {
  throws(
    () =>
      new ExchangeDirectory({
        functionsDir: "/proc/no-such-folder",
        functionId: ID,
        version: 1,
        containerName: "x",
        env: {},
      }),
    { code: "unavailable" },
  );
});

const RESULTS: [what: string, text: string, expected: RegExp][] = [
  ["nothing", "", /^function_failed no_result/],
  ["blanks", " \n", /^function_failed no_result/],
  [
    "half a JSON",
    '{"statusCode":200,',
    /^function_failed bad_result .*not JSON/,
  ],
  ["no JSON", "hello", /^function_failed bad_result/],
  ["a list", "[]", /^function_failed bad_result/],
  ["NaN", '{"statusCode":NaN}', /^function_failed bad_result/],
  [
    "status 99",
    '{"invocation":"i","statusCode":99}',
    /^function_failed bad_result .*statusCode/,
  ],
  [
    "what names no invocation",
    '{"statusCode":200}',
    /^function_failed bad_result .*invocation/,
  ],
  [
    "the answer to another invocation",
    '{"invocation":"before","statusCode":200}',
    /^function_failed bad_result .*answers another invocation/,
  ],
  [
    "status 1000",
    '{"invocation":"i","statusCode":1000}',
    /^function_failed bad_result/,
  ],
  [
    "a header with CR LF",
    '{"invocation":"i","statusCode":200,"headers":{"a":"b\\r\\nc: d"}}',
    /^function_failed bad_result .*headers/,
  ],
  [
    "a body over the limit",
    JSON.stringify({
      invocation: "i",
      statusCode: 200,
      body: "é".repeat(600),
    }),
    /^too_large .*1200 bytes, over 1000/,
  ],
  ["too much", "x".repeat(3_000), /^too_large .*result\.json/],
];

const HINTS: [field: string, text: string, hint: RegExp][] = [
  ["status", '{"invocation":"i","statusCode":99}', /from 200 to 599/],
  [
    "header",
    '{"invocation":"i","statusCode":200,"headers":{"a b":"c"}}',
    /HTTP tokens/,
  ],
  ["file", "{", /let nothing else write/],
  ["empty file", "", /let nothing else write/],
];

for (const [field, text, hint] of HINTS) {
  Deno.test(`readResponse() has a hint for a bad ${field}`, () => {
    using opened = open();
    Deno.writeTextFileSync(`${opened.exchange.path}/result.json`, text);
    throws(() => readResponse(opened.exchange, "i", 1_000), { hint });
  });
}

for (const [what, text, expected] of RESULTS) {
  Deno.test(`readResponse() refuses ${what}`, () => {
    using opened = open();
    Deno.writeTextFileSync(`${opened.exchange.path}/result.json`, text);
    throws(
      () => readResponse(opened.exchange, "i", 1_000),
      (error: unknown) => {
        const { code, reason, message } = error as Record<string, string>;
        match(
          `${code} ${reason ?? ""} ${message}`.replace("  ", " "),
          expected,
        );
        return true;
      },
    );
  });
}

Deno.test("readResponse() refuses what is not UTF-8", () => {
  using opened = open();
  Deno.writeFileSync(
    `${opened.exchange.path}/result.json`,
    new Uint8Array([0x22, 0xff, 0x22]),
  );
  throws(() => readResponse(opened.exchange, "i", 1_000), {
    reason: "bad_result",
  });
});

Deno.test("readResponse() does not read a gigabyte of holes", () => {
  using opened = open();
  using file = Deno.openSync(`${opened.exchange.path}/result.json`, {
    write: true,
  });
  file.truncateSync(1024 ** 3);
  throws(() => readResponse(opened.exchange, "i", 1_000), {
    code: "too_large",
  });
});

Deno.test("readLogLines() loses broken lines, not the answer", () => {
  using opened = open();
  const { exchange } = opened;
  const path = `${exchange.path}/logs.json`;
  deepStrictEqual(readLogLines(exchange, "i", 100), []);
  Deno.writeTextFileSync(path, '{"logs":[');
  strictEqual(readLogLines(exchange, "i", 100)[0]?.level, "error");
  Deno.writeTextFileSync(path, " ".repeat(1_000));
  Deno.writeTextFileSync(path, "x".repeat(1_000));
  match(readLogLines(exchange, "i", 100)[0]?.message ?? "", /too large/);
  Deno.writeTextFileSync(
    path,
    '{"invocation":"i","logs":[{"level":"shout","message":"m","timestamp":"t"}]}',
  );
  strictEqual(readLogLines(exchange, "i", 100)[0]?.level, "info");
  for (const whose of ["", '"invocation":"before",']) {
    Deno.writeTextFileSync(path, `{${whose}"logs":[]}`);
    match(
      readLogLines(exchange, "i", 100)[0]?.message ?? "",
      /of another invocation/,
    );
  }
});

Deno.test("ExchangeDirectory in a box is found at the usual place, and leaves nothing", () => {
  using folder = tempDir();
  const box = `${folder.path}/.generic/oche-1`;
  Deno.mkdirSync(box, { recursive: true });
  const doorbell = Doorbell.listen(`${box}/doorbell`);
  const exchange = new ExchangeDirectory({
    functionsDir: folder.path,
    functionId: ID,
    version: 3,
    containerName: "oche-1",
    env: {},
    box: { path: box, doorbell },
  });
  const place = `${ID}/v3/oche-1`;
  exchange.writeRequest(encodeUtf8("{}"));
  for (const root of [folder.path, box]) {
    strictEqual(Deno.readTextFileSync(`${root}/${place}/request.json`), "{}");
  }
  strictEqual(
    Deno.readLinkSync(`${folder.path}/${place}`),
    `../../.generic/oche-1/${place}`,
  );
  exchange[Symbol.dispose]();
  strictEqual(exchange.doorbell, doorbell);
  ok(doorbell.isBroken);
  deepStrictEqual(
    Array.from(Deno.readDirSync(box), ({ name }) => name),
    ["doorbell"],
  );
  deepStrictEqual(
    Array.from(Deno.readDirSync(folder.path), ({ name }) => name),
    [".generic"],
  );
});

Deno.test("ExchangeDirectory leaves nothing of a longer request before", () => {
  using opened = open();
  const { exchange } = opened;
  for (const text of ["a long one", "short", "longer again"]) {
    exchange.writeRequest(encodeUtf8(text));
    strictEqual(Deno.readTextFileSync(`${exchange.path}/request.json`), text);
  }
});
