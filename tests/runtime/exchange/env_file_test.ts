/** .env.config on both sides: golden files, and any map through TypeScript and Dart. */
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import fc from "fast-check";
import { z } from "zod";
import {
  formatEnvFile,
  parseEnvFile,
} from "../../../runtime/exchange/env_file.ts";
import { parseJson } from "../../../src/contracts/parse.ts";
import {
  dartVm,
  repositoryPath,
  writePackageConfig,
} from "../../support/dart_vm.ts";

const GOLDEN = repositoryPath("tests/fixtures/env");
const RUNS = 1_000;

// JSON.parse makes __proto__ an own property, a zod record would lose it.
const Golden = z.object({
  env: z.custom<Record<string, string>>().optional(),
  error: z.string().optional(),
  /** Whether formatEnvFile() gives this very text. */
  isFormatted: z.boolean().default(false),
});

const names = Array.from(Deno.readDirSync(GOLDEN), ({ name }) => name)
  .filter((name) => name.endsWith(".env")).toSorted();

for (const name of names) {
  const text = Deno.readTextFileSync(`${GOLDEN}/${name}`);
  const { env, error, isFormatted } = parseJson(
    Golden,
    Deno.readTextFileSync(`${GOLDEN}/${name.replace(/env$/, "expected")}`),
    name,
  );
  if (env) {
    Deno.test(`parseEnvFile() reads ${name}`, () =>
      deepStrictEqual(
        Object.entries(parseEnvFile(text)),
        Object.entries(env),
      ));
  } else {
    Deno.test(`parseEnvFile() refuses ${name}`, () =>
      throws(() => parseEnvFile(text), { code: "invalid", message: error }));
  }
  if (env && isFormatted) {
    Deno.test(`formatEnvFile() writes ${name}`, () =>
      strictEqual(formatEnvFile(env), text));
  }
}

Deno.test("formatEnvFile() refuses a key that is not a name", () => {
  for (const key of ["", "1A", "A B", "A-B", "A=B", "Ä", "A\n", "#A", '"A"']) {
    throws(() => formatEnvFile({ [key]: "" }), { code: "invalid" }, key);
  }
});

const key = fc.oneof(
  fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,12}$/),
  fc.constantFrom("__proto__", "constructor", "toString", "_"),
);

const value = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string(),
  fc.string({ unit: fc.constantFrom(...'"\\#=$` \n\r\t\u2028\u0085\0{}/') }),
  // Half surrogate pairs, in any order.
  fc.array(fc.integer({ min: 0xD7FE, max: 0xE001 })).map((units) =>
    String.fromCharCode(...units)
  ),
);

const environment = fc.array(fc.tuple(key, value), { maxLength: 8 })
  .map((entries): Record<string, string> =>
    Object.fromEntries(new Map(entries))
  );

Deno.test("parseEnvFile() gives back any map that formatEnvFile() wrote", () => {
  fc.assert(fc.property(environment, (env) => {
    deepStrictEqual(
      Object.entries(parseEnvFile(formatEnvFile(env))),
      Object.entries(env),
    );
  }));
});

Deno.test("parseEnvFile() in Dart gives back any map that formatEnvFile() wrote", async () => {
  const folder = await Deno.makeTempDir();
  const config = await writePackageConfig(folder);
  // One process for all runs: an answer takes it well under a millisecond.
  const child = new Deno.Command(dartVm(), {
    args: [
      `--packages=${config}`,
      repositoryPath("tests/fixtures/runner/env_reader.dart"),
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const answers = lines(child.stdout);
  try {
    // A failure's message has the seed and the smallest map.
    await fc.assert(
      fc.asyncProperty(environment, async (env) => {
        const request = JSON.stringify(formatEnvFile(env));
        await writer.write(new TextEncoder().encode(`${request}\n`));
        const { value: answer } = await answers.next();
        ok(answer, "the reader ended");
        deepStrictEqual(
          Object.entries(JSON.parse(answer)).toSorted(byKey),
          Object.entries(env).toSorted(byKey),
        );
      }),
      { numRuns: RUNS },
    );
  } finally {
    await writer.close().catch(() => {});
    await child.status;
    await answers.return(undefined);
    await Deno.remove(folder, { recursive: true });
  }
});

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}

async function* lines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}
