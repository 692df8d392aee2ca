/** Whatever a function writes, says or is told: read as what it is, or refused. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import fc from "fast-check";
import {
  readLogLines,
  readResponse,
} from "../../../runtime/exchange/answer.ts";
import {
  ExchangeDirectory,
  exchangePath,
} from "../../../runtime/exchange/directory.ts";
import { Doorbell } from "../../../runtime/exchange/doorbell.ts";
import {
  formatEnvFile,
  parseEnvFile,
} from "../../../runtime/exchange/env_file.ts";
import { LineReader } from "../../../runtime/exchange/line_reader.ts";
import { CloudResponse } from "../../../src/contracts/cloud.ts";
import { LogLine } from "../../../src/contracts/log.ts";
import { tempDir } from "../../support/temp_dir.ts";
import { edited, fuzz, jsonWith, orRefused, text } from "./fuzz.ts";

const ID = "5f0c7a0e-0000-4000-8000-000000000000";

fuzz(
  "parseEnvFile() reads names or refuses",
  fc.oneof(
    text,
    edited(['A=b\nB="c\\n"\n# d\n', "__proto__=x\n"], [...'="\\\n#$A', "\r\n"]),
  ),
  async (file) => {
    const env = await orRefused(["invalid"], () => parseEnvFile(file));
    if (!env) return;
    for (const [key, value] of Object.entries(env)) {
      ok(/^[A-Za-z_]\w*$/.test(key));
      strictEqual(typeof value, "string");
    }
    deepStrictEqual(
      Object.entries(parseEnvFile(formatEnvFile(env))),
      Object.entries(env),
    );
  },
);

const result = fc.oneof(
  jsonWith(
    "statusCode",
    "headers",
    "body",
    "isBase64Encoded",
    "encoding",
    "invocation",
  ).map((value) => JSON.stringify(value)),
  fc.record({
    statusCode: fc.oneof(fc.integer({ min: 90, max: 700 }), fc.double()),
    headers: fc.dictionary(text, fc.oneof(text, fc.array(text))),
    body: jsonWith(),
    invocation: fc.constantFrom(ID, "another"),
  }).map((value) => JSON.stringify(value)),
  edited([
    `{"statusCode":200,"headers":{"a":["b"]},"body":null,"invocation":"${ID}"}`,
  ], [...'{}[]",:0-', "NaN", "1e400", "\\u0000", "\uFFFF"]),
  text,
);

const logs = fc.oneof(
  jsonWith("logs", "level", "message", "timestamp", "metadata", "invocation")
    .map((value) => JSON.stringify(value)),
  fc.array(fc.record({
    level: text,
    message: text,
    timestamp: text,
    metadata: jsonWith(),
  })).map((lines) => JSON.stringify({ logs: lines, invocation: ID })),
  text,
);

/** Of one test: made and emptied for every input, as between invocations. */
function withFiles(
  use: (
    exchange: ExchangeDirectory,
    write: (file: string, bytes: Uint8Array) => void,
  ) => void,
): void {
  using folder = tempDir();
  const spec = {
    functionsDir: folder.path,
    functionId: ID,
    version: 1,
    containerName: "c",
    env: {},
  };
  using exchange = new ExchangeDirectory(spec);
  use(
    exchange,
    (file, bytes) =>
      Deno.writeFileSync(`${folder.path}/${exchangePath(spec)}/${file}`, bytes),
  );
}

const bytes = (file: fc.Arbitrary<string>) =>
  fc.oneof(
    {
      weight: 8,
      arbitrary: file.map((text) => new TextEncoder().encode(text)),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  );

fuzz(
  "readResponse() gives an answer that its schema knows, or refuses",
  bytes(result),
  (file) =>
    withFiles((exchange, write) => {
      write("result.json", file);
      let answer;
      try {
        answer = readResponse(exchange, ID, 1_000);
      } catch (error) {
        return void orRefusedNow(error);
      }
      deepStrictEqual(CloudResponse.parse(answer), answer);
    }),
  2,
);

/** @throws whatever is no refusal */
function orRefusedNow(error: unknown): void {
  const { code } = error as { code?: string };
  ok(code === "function_failed" || code === "too_large", String(error));
}

fuzz(
  "readLogLines() gives lines, or one that says what is wrong",
  bytes(logs),
  (file) =>
    withFiles((exchange, write) => {
      write("logs.json", file);
      for (const line of readLogLines(exchange, ID, 1_000)) {
        deepStrictEqual(LogLine.parse(line), line);
      }
    }),
  2,
);

const frame = fc.oneof(
  fc.constantFrom(
    '{"type":"ready","protocol":1}\n',
    '{"type":"loaded"}\n',
    '{"type":"done","invocation":"mine"}\n',
    '{"type":"done","invocation":"other"}\n',
    '{"type":"ring","invocation":"mine"}\n',
    "\n",
    "[".repeat(70_000),
  ),
  jsonWith("type", "protocol", "invocation").map((value) =>
    `${JSON.stringify(value)}\n`
  ),
  text,
);

fuzz(
  "Doorbell ends every ring, whatever it is told",
  fc.array(frame, { maxLength: 6 }),
  async (frames) => {
    using folder = tempDir();
    const path = `${folder.path}/d`;
    using doorbell = Doorbell.listen(path);
    using other = await Deno.connect({ transport: "unix", path });
    const saying = (async () => {
      for (const each of frames) {
        const whole = new TextEncoder().encode(each);
        for (let at = 0; at < whole.length;) {
          at += await other.write(whole.subarray(at));
        }
      }
      await other.closeWrite();
    })().catch(() => {});
    ok(["ready", "garbage", "closed"].includes(await doorbell.ready));
    ok(["done", "garbage", "closed"].includes(await doorbell.ring("mine")));
    ok(["done", "garbage", "closed"].includes(await doorbell.ring("mine")));
    await saying;
  },
  5,
);

fuzz(
  "LineReader gives the same lines however they are cut into reads",
  fc.tuple(
    fc.array(fc.string({ unit: "binary", maxLength: 50 }), { maxLength: 10 }),
    fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }),
    fc.integer({ min: 10, max: 100 }),
  ),
  async ([parts, sizes, limit]) => {
    const lines = parts.map((part) => part.toWellFormed().replaceAll("\n", ""));
    const whole = new TextEncoder().encode(lines.map((l) => `${l}\n`).join(""));
    let at = 0;
    let turn = 0;
    const source = {
      read(into: Uint8Array): Promise<number | null> {
        if (at >= whole.length) return Promise.resolve(null);
        const size = sizes[turn++ % sizes.length] ?? 1;
        const piece = whole.subarray(at, at + size);
        into.set(piece);
        at += piece.length;
        return Promise.resolve(piece.length);
      },
    };
    const read: string[] = [];
    try {
      for await (const line of new LineReader(source, limit)) read.push(line);
    } catch (error) {
      ok(error instanceof RangeError);
      ok(lines.some((line) => line.length > limit - 20));
      return;
    }
    // A byte order mark at the very beginning is the decoder's.
    deepStrictEqual(
      read,
      lines.map((l, n) => n ? l : l.replace(/^\uFEFF/, "")),
    );
  },
);
