/** Whatever an archive holds, it is read or refused, and no name leads outside. */
import { ok, strictEqual } from "node:assert";
import { normalize } from "node:path/posix";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { extract } from "../../../runtime/archive/extract.ts";
import { plainPath } from "../../../runtime/archive/path.ts";
import {
  gnuLongName,
  pax,
  tar,
  type TarEntry,
  tarGz,
  zip,
} from "../../support/archives.ts";
import { fuzz, orRefused, text } from "./fuzz.ts";

const A = { name: "a.dart", content: "// a" };

const SEEDS = [
  tarGz([A, { name: "lib/", type: "5" }, { ...A, name: "lib/b" }]),
  tar([pax({ path: "lib/long" }), A, gnuLongName("x/y"), { ...A, name: "b" }]),
  zip([A, { ...A, name: "lib/b", deflate: true }, { name: "lib/c/" }]),
];

const CODES = ["invalid", "too_large", "unsupported"] as const;

/** @param bytes of an archive, perhaps */
async function readsPlainNames(bytes: Uint8Array): Promise<void> {
  const tree = await orRefused([...CODES], () => extract(bytes));
  for (const path of tree?.keys() ?? []) staysInside(path);
}

function staysInside(path: string): void {
  strictEqual(normalize(`/root/${path}`), `/root/${path}`);
  // deno-lint-ignore no-control-regex -- They are what is looked for.
  ok(path !== "" && !/[\\\x00-\x1f\x7f]/.test(path), path);
}

fuzz(
  "extract() reads or refuses mutated archives",
  fc.record({
    seed: fc.constantFrom(...SEEDS),
    edits: fc.array(fc.record({ at: fc.nat(5_000), byte: fc.nat(255) }), {
      minLength: 1,
      maxLength: 8,
    }),
    cut: fc.nat(5_000),
  }),
  async ({ seed, edits, cut }) => {
    const bytes = new Uint8Array(seed);
    for (const { at, byte } of edits) bytes[at % bytes.length] = byte;
    await readsPlainNames(
      cut % 3 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes,
    );
  },
);

fuzz(
  "extract() reads or refuses bytes that begin like an archive",
  fc.tuple(
    fc.constantFrom("", "PK\x03\x04", "PK\x05\x06", "\x1f\x8b\x08"),
    fc.uint8Array({ maxLength: 600 }),
    fc.boolean(),
  ),
  async ([magic, rest, isPacked]) => {
    const bytes = new Uint8Array([
      ...Array.from(magic, (char) => char.charCodeAt(0)),
      ...rest,
    ]);
    await readsPlainNames(isPacked ? gzipSync(bytes) : bytes);
  },
);

const name = fc.oneof(
  text,
  fc.array(fc.constantFrom("..", ".", "", "a", "lib", "C:", "\\", "%2e"), {
    maxLength: 6,
  }).map((parts) => parts.join("/")),
);

const tarEntry: fc.Arbitrary<TarEntry> = fc.record({
  name: fc.oneof(name, fc.uint8Array({ maxLength: 100 })),
  type: fc.oneof(
    { weight: 8, arbitrary: fc.constant("0") },
    { weight: 1, arbitrary: fc.constantFrom(..."1234567xgLKSVDZ\0") },
  ),
  content: fc.oneof(text, fc.constant("x".repeat(2_000))),
  prefix: fc.oneof({ weight: 4, arbitrary: fc.constant("") }, name)
    .map((text) => text.slice(0, 50)),
  mode: fc.nat(0o7777),
});

fuzz(
  "extract() reads or refuses archives of entries of any name and kind",
  fc.tuple(
    fc.array(tarEntry, { maxLength: 5 }),
    fc.dictionary(
      fc.constantFrom("path", "linkpath", "size", "GNU.sparse.name", "x"),
      text,
      { maxKeys: 2 },
    ),
    fc.boolean(),
  ),
  async ([entries, records, isGlobal]) => {
    await readsPlainNames(
      tar([pax(records, isGlobal ? "g" : "x"), ...entries]),
    );
    await readsPlainNames(
      zip(entries.map(({ name, content = "", mode = 0 }) => ({
        name,
        content,
        mode,
        deflate: isGlobal,
      }))),
    );
  },
);

fuzz("plainPath() gives a path that stays inside", name, async (text) => {
  const path = await orRefused(["invalid"], () => plainPath(text));
  if (path) staysInside(path);
});
