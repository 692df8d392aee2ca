import { deepStrictEqual } from "node:assert";
import { surplusVersions } from "../../../runtime/garbage/surplus.ts";
import type { VersionRecord } from "../../../src/contracts/function.ts";

type Status = VersionRecord["status"];

/** Statuses from version 1 on. */
function versions(...statuses: Status[]): VersionRecord[] {
  return statuses.map((status, index) => ({
    functionId: "00000000-0000-4000-8000-000000000000",
    version: index + 1,
    status,
    sha256: "",
    createdAt: "",
  }));
}

const ready = (count: number) =>
  versions(...Array<Status>(count).fill("ready"));

const CASES: [
  it: string,
  current: number | null,
  all: VersionRecord[],
  keep: number,
  surplus: number[],
][] = [
  ["fewer than are kept", 3, ready(3), 2, []],
  ["the oldest of more", 6, ready(6), 2, [3, 2, 1]],
  ["not the current, however old", 1, ready(6), 1, []],
  ["nothing above the current", 3, ready(6), 1, [1]],
  ["nothing while none serves", null, ready(3), 1, []],
  [
    "failed ones by themselves",
    5,
    versions("failed", "failed", "ready", "failed", "ready"),
    1,
    [2, 1],
  ],
  [
    "nothing that is under way",
    3,
    versions("queued", "building", "ready"),
    1,
    [],
  ],
];

for (const [it, current, all, keep, surplus] of CASES) {
  Deno.test(`surplusVersions() takes ${it}`, () => {
    deepStrictEqual(
      surplusVersions({ current }, all, keep).map(({ version }) => version),
      surplus,
    );
  });
}
