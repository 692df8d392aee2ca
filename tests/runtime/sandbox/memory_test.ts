import { strictEqual } from "node:assert";
import { memoryFor } from "../../../runtime/sandbox/memory.ts";

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
