/** The wall of the sandbox, seen from inside a function, on each engine. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { ENGINES } from "../support/engines.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { PATIENT } from "../support/until.ts";
import {
  limitOf,
  LOOK_AROUND,
  mountsOf,
  statusOf,
  Surroundings,
} from "./functions/look_around.ts";

const MB = 1024 * 1024;
/** What a sandbox that was started ahead may have beside. */
const LOADER_BYTES = 16 * MB;

/** File systems that hold nothing of the host's disks. */
const KERNEL_TYPES = [
  ...["proc", "sysfs", "tmpfs", "devpts", "mqueue", "cgroup", "cgroup2"],
];

/** Made by the engine for this one container. */
const ENGINE_FILES = ["/etc/hostname", "/etc/hosts", "/etc/resolv.conf"];

const DEMANDS: [what: string, holds: (seen: Surroundings) => void][] = [
  ["it is user 65532, of that group alone", (seen) => {
    for (const id of ["Uid", "Gid"]) {
      strictEqual(statusOf(seen, id), "65532 65532 65532 65532");
    }
    match(statusOf(seen, "Groups"), /^(65532)?$/);
  }],
  ["it has no capability, and can get none", (seen) => {
    for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]) {
      strictEqual(statusOf(seen, set), "0000000000000000", set);
    }
    strictEqual(statusOf(seen, "NoNewPrivs"), "1");
  }],
  [
    "a seccomp filter is on",
    (seen) => strictEqual(statusOf(seen, "Seccomp"), "2"),
  ],
  ["its root is read-only, and /tmp alone can be written", (seen) => {
    const root = mountsOf(seen).find(({ target }) => target === "/");
    ok(root?.options.includes("ro"));
    deepStrictEqual(seen.writable, ["/tmp"]);
    const tmp = mountsOf(seen).find(({ target }) => target === "/tmp");
    for (const option of ["nosuid", "nodev", "noexec"]) {
      ok(tmp?.options.includes(option), option);
    }
  }],
  ["it has no network interface but lo", (seen) => {
    const names = seen.interfaces.trim().split("\n").slice(2)
      .map((line) => line.split(":")[0]?.trim());
    deepStrictEqual(names, ["lo"]);
  }],
  ["it has the memory that it is told, and what a loader needs", (seen) => {
    const told = Number(seen.env["FUNCTION_MAX_MEMORY_MB"]) * MB;
    const more = Number(seen.memory) - told;
    ok(more >= 0 && more <= LOADER_BYTES, seen.memory);
  }],
  ["it has half a CPU and 64 processes", (seen) => {
    match(seen.quota.trim(), /^50000( 100000)?$/);
    strictEqual(seen.pids.trim(), "64");
  }],
  ["it may open 256 files, of 16 MB each, and dump no core", (seen) => {
    deepStrictEqual(limitOf(seen, "Max open files"), ["256", "256"]);
    const size = String(16 * MB);
    deepStrictEqual(limitOf(seen, "Max file size"), [size, size]);
    deepStrictEqual(limitOf(seen, "Max core file size"), ["0", "0"]);
    deepStrictEqual(limitOf(seen, "Max msgqueue size"), ["0", "0"]);
  }],
  ["of the functions only its own directory is mounted", (seen) => {
    const own = seen.env["SHARED_PATH"] ?? "";
    const below = mountsOf(seen)
      .filter(({ target }) => target.startsWith("/app/functions"));
    ok(below.length > 0);
    for (const { target, root, limits } of below) {
      ok(own === target || own.startsWith(`${target}/`), target);
      // Its own, of limited size, or a folder of what all have: that is 0700.
      const isOwn = root !== "/" || limits.includes("mode=755");
      ok(isOwn, `${target} is what all functions share`);
    }
  }],
  ["nothing else of the host is mounted", (seen) => {
    const others = mountsOf(seen).filter(({ target, type }) =>
      !KERNEL_TYPES.includes(type) && !ENGINE_FILES.includes(target)
    );
    deepStrictEqual(others.map(({ target, type }) => `${type} ${target}`), [
      "overlay /",
    ]);
    ok(!seen.mounts.includes(".sock"));
  }],
  [
    "what /proc tells of the machine is masked",
    (seen) => deepStrictEqual(Object.values(seen.masked).join(""), ""),
  ],
  ["it learns no names of the host, and no accounts", (seen) => {
    ok(!seen.hosts.includes(Deno.hostname()), seen.hosts);
    strictEqual(seen.shadow, "notFound");
  }],
  ["its first process has a clean environment", (seen) => {
    const names = seen.environment.split("\0").filter(Boolean)
      .map((each) => each.split("=")[0] ?? "");
    const known = ["PATH", "HOME", "HOSTNAME", "TERM", "container"];
    deepStrictEqual(names.filter((name) => !known.includes(name)), []);
  }],
];

for (const engine of ENGINES) {
  Deno.test(`the wall on ${engine}`, async (t) => {
    await using stack = await startTestStack(engine, PATIENT);
    strictEqual((await stack.deploy("look", LOOK_AROUND)).status, 201);
    const cold = await look(stack);
    for (const [what, holds] of DEMANDS) {
      await t.step(what, () => holds(cold));
    }
    await stack.invoke("look", { query: { exit: "1" } });
    await t.step(
      "a sandbox that was started ahead has the same wall",
      async () => {
        const prewarmed = await look(stack);
        for (const [, holds] of DEMANDS) holds(prewarmed);
        const told = "FUNCTION_MAX_MEMORY_MB";
        strictEqual(prewarmed.env[told], cold.env[told]);
      },
    );
  });
}

async function look(stack: TestStack): Promise<Surroundings> {
  const { body, detail } = await stack.invoke("look");
  return Surroundings.parse(body, { error: () => detail });
}
