import { match, ok, strictEqual } from "node:assert";
import { ContainerNames } from "../../runtime/labels.ts";
import { memoryFor } from "../../runtime/settings.ts";

const MB = 1024 * 1024;

const MEMORY: [
  imageMb: number,
  override: number | undefined,
  expected: number,
][] = [
  [0, undefined, 64],
  [40, undefined, 64],
  [44, undefined, 66],
  [100, undefined, 150],
  [100, 48, 48],
  [44, 20, 32],
  [44, 1, 32],
];

for (const [imageMb, override, expected] of MEMORY) {
  Deno.test(`memoryFor() an image of ${imageMb} MB, ${override ?? "nothing"} asked: ${expected} MB`, () => {
    strictEqual(memoryFor(imageMb * MB, override), expected);
  });
}

Deno.test("ContainerNames are unique, and short enough for a socket's path", () => {
  const names = new ContainerNames({
    installation: "0123abcd",
    runtime: "89abcdef",
  });
  const made = Array.from({ length: 50_000 }, () => names.next());
  strictEqual(new Set(made).size, made.length);
  for (const name of made) match(name, /^[a-z][a-z0-9-]{1,31}$/);
  const path = `/run/oche/0123abcd/${crypto.randomUUID()}/v99999/${
    made.at(-1)
  }/doorbell`;
  ok(path.length <= 107, `${path.length}`);
});
