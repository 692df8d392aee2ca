/** The launcher as a user has it: up, down, and what is left when all is killed. */
import {
  deepStrictEqual,
  doesNotMatch,
  match,
  ok,
  strictEqual,
} from "node:assert";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { openInstallation } from "../../src/stack/installation.ts";
import { freePort } from "../../src/stack/ports.ts";
import { isAlive, signal } from "../../src/stack/process.ts";
import { readState } from "../../src/stack/state.ts";
import { type EngineName, ENGINES } from "../support/engines.ts";

const ROOT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
const CACHE = Deno.env.get("OCHE_CACHE") ?? `${ROOT}/.oche/cache`;

interface Home extends AsyncDisposable {
  path: string;
  oche(...args: string[]): Promise<{ code: number; out: string; err: string }>;
}

async function openHome(engine: EngineName): Promise<Home> {
  const path = await mkdtemp(`${tmpdir()}/oche-up-`);
  const env = {
    OCHE_HOME: path,
    OCHE_CACHE: CACHE,
    OCHE_PORT: String(freePort()),
    OCHE_ENGINE: engine === "docker" ? "embedded-docker" : engine,
    OCHE_SHARED_MEMORY_MB: "64",
    OCHE_URL: "",
    OCHE_KEY: "",
  };
  async function oche(...args: string[]) {
    const { code, stdout, stderr } = await new Deno.Command(`${ROOT}/oche`, {
      args,
      env,
      stdin: "null",
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, out: text(stdout), err: text(stderr) };
  }
  return {
    path,
    oche,
    async [Symbol.asyncDispose]() {
      await oche("down");
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** Processes whose command line names one of these, and mounts below them. */
async function traces(marks: string[]): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === Deno.pid) continue;
    const command = await Deno.readTextFile(`/proc/${name}/cmdline`)
      .catch(() => "");
    if (marks.some((mark) => command.includes(mark))) found.push(command);
  }
  const mounts = await Deno.readTextFile("/proc/self/mounts");
  found.push(
    ...mounts.split("\n").filter((line) =>
      marks.some((mark) => line.includes(mark))
    ),
  );
  return found;
}

for (const engine of ENGINES) {
  Deno.test(`up, down and a killed stack on ${engine}`, async (t) => {
    await using home = await openHome(engine);
    const { id } = await openInstallation(home.path);
    const marks = [home.path, `/run/oche/${id}`];

    await t.step("up --once answers, and leaves nothing", async () => {
      const { code, out, err } = await home.oche("up", "--once");
      strictEqual(code, 0, err);
      match(out, /hello answered {2}\{"message":"Hello, Ada!"\}/);
      deepStrictEqual(await traces(marks), []);
    });

    await t.step(
      "up -d keeps what was deployed; a second up says so",
      async () => {
        const { code, out: said, err } = await home.oche("up", "-d");
        strictEqual(code, 0, err);
        match(said, /Runs in the background; end it with \.\/oche down\./);
        doesNotMatch(said, /Ctrl-C/);
        const { out } = await home.oche("list", "--json");
        strictEqual(JSON.parse(out).functions[0].latest, 1);
        const second = await home.oche("up");
        strictEqual(second.code, 1);
        match(second.err, /it runs already at http/);
        const { out: doctor, code: healthy } = await home.oche("doctor");
        strictEqual(healthy, 0, doctor);
      },
    );

    await t.step(
      "down cleans up after a stack that was killed whole",
      async () => {
        const state = await readState(home.path);
        ok(state);
        strictEqual((await home.oche("invoke", "hello")).code, 0);
        const all = [state.supervisor, ...state.children];
        for (const { pid } of all) signal(pid, "SIGKILL");
        strictEqual((await home.oche("down")).code, 0);
        for (const each of all) strictEqual(await isAlive(each), false);
        deepStrictEqual(await traces(marks), []);
      },
    );

    await t.step("up works again after that", async () => {
      const { code, out, err } = await home.oche("up", "--once");
      strictEqual(code, 0, err);
      match(out, /Hello, Ada!/);
      deepStrictEqual(await traces(marks), []);
    });
  });
}
