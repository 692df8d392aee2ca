/** What is read of archives as authors make them; tests/hostile has the others. */
import { deepStrictEqual } from "node:assert";
import { extract } from "../../../runtime/archive/extract.ts";
import { gnuLongName, pax, tar, tarGz, zip } from "../../support/archives.ts";

type Archive = Uint8Array | Promise<Uint8Array>;

const A = { name: "a.dart", content: "// a" };
const LONG = `${"folder/".repeat(20)}a.dart`;

const GOOD: [what: string, archive: Archive, paths: string[]][] = [
  ["a tar.gz", tarGz([A]), ["a.dart"]],
  ["a plain tar", tar([A]), ["a.dart"]],
  ["a stored zip", zip([A]), ["a.dart"]],
  ["a deflated zip", zip([{ ...A, deflate: true }]), ["a.dart"]],
  [
    "a folder on top, and empty folders",
    tarGz([
      { name: "top/", type: "5" },
      { name: "top/empty/", type: "5" },
      { ...A, name: "top/lib/a.dart" },
    ]),
    ["top/lib/a.dart"],
  ],
  [
    "names that begin with ./",
    tarGz([{ name: "./", type: "5" }, {
      ...A,
      name: "./a.dart",
    }]),
    ["a.dart"],
  ],
  ["a PAX name", tarGz([pax({ path: LONG }), { ...A, name: "x" }]), [LONG]],
  ["a GNU long name", tarGz([gnuLongName(LONG), { ...A, name: "x" }]), [LONG]],
  ["names beyond ASCII", zip([{ ...A, name: "lib/ü.dart" }]), ["lib/ü.dart"]],
  [
    "noise, which is left out",
    zip([
      A,
      { name: ".git/config", content: "x" },
      { name: "__MACOSX/._a", content: "x" },
      { name: "lib/.DS_Store", content: "x" },
      { name: "lib/._a.dart", content: "x" },
      { name: ".dart_tool/x", content: "x" },
    ]),
    ["a.dart"],
  ],
];

for (const [what, archive, paths] of GOOD) {
  Deno.test(`extract() reads ${what}`, async () => {
    const tree = await extract(await archive);
    deepStrictEqual(Array.from(tree.keys()), paths);
    deepStrictEqual(
      new TextDecoder().decode(tree.get(paths[0] ?? "")),
      "// a",
    );
  });
}
