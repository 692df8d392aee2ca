/** Supervised children, with real processes. */
import { ok, rejects, strictEqual } from "node:assert";
import { readFile } from "node:fs/promises";
import { type ChildExit, superviseChild } from "../../src/stack/child.ts";
import {
  identify,
  isAlive,
  type ProcessIdentity,
} from "../../src/stack/process.ts";
import { temporaryFolder } from "./folder.ts";

async function untilText(path: string, pattern: RegExp): Promise<void> {
  while (!pattern.test(await readFile(path, "utf8").catch(() => ""))) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function untilGone(process: ProcessIdentity): Promise<void> {
  while (await isAlive(process)) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

Deno.test("superviseChild() brings a killed child back and tells of it", async () => {
  await using folder = await temporaryFolder();
  const exits: ChildExit[] = [];
  const started: number[] = [];
  const restarted = Promise.withResolvers<void>();
  await using child = await superviseChild({
    name: "sleeper",
    command: "sleep",
    args: ["600"],
    logFile: `${folder.path}/log`,
    onExit: (exit) => void exits.push(exit),
    onStart: ({ pid }) => {
      started.push(pid);
      if (started.length === 3) restarted.resolve();
      else if (started.length === 2) Deno.kill(pid, "SIGKILL");
    },
  });
  ok(child.process);
  Deno.kill(child.process.pid, "SIGKILL");
  await restarted.promise;
  strictEqual(new Set(started).size, 3);
  strictEqual(child.process?.pid, started[2]);
  strictEqual(exits.length, 2);
  strictEqual(exits[0]?.signal, "SIGKILL");
  strictEqual(exits[0]?.restartIn, 200);
  strictEqual(exits[1]?.restartIn, 400);
});

Deno.test("superviseChild() gives the child a session, an environment and its own log", async () => {
  await using folder = await temporaryFolder();
  const logFile = `${folder.path}/log`;
  const script =
    'echo "$WORD $(pwd) $0"; cut -d" " -f6 /proc/$$/stat >&2; exec sleep 600';
  await using child = await superviseChild({
    name: "writer",
    command: "sh",
    args: ["-c", script, "x y"],
    env: { WORD: "hello" },
    cwd: folder.path,
    logFile,
    ready: () => untilText(logFile, /\n\d+\n/),
  });
  strictEqual(
    await readFile(logFile, "utf8"),
    `hello ${folder.path} x y\n${child.process?.pid}\n`,
  );
});

Deno.test("superviseChild() says why a child did not become ready", async () => {
  await using folder = await temporaryFolder();
  const logFile = `${folder.path}/log`;
  await Deno.writeTextFile(logFile, "from an earlier run\n");
  const never = new Promise<void>(() => {});
  const cases: [string, number, RegExp, RegExp][] = [
    [
      "echo no luck; exit 3",
      20_000,
      /^Cannot start "it": it ended with code 3$/,
      /^Its last output: no luck$/,
    ],
    [
      "sleep 600",
      50,
      /^Cannot start "it": no answer within 0.05 s$/,
      /^See .*log$/,
    ],
  ];
  for (const [script, readyTimeoutMs, message, hint] of cases) {
    const start = superviseChild({
      name: "it",
      command: "sh",
      args: ["-c", script],
      logFile,
      readyTimeoutMs,
      ready: () => never,
    });
    await rejects(start, { code: "unavailable", message, hint });
  }
});

Deno.test("stop() kills the whole group when asking is not enough", async () => {
  await using folder = await temporaryFolder();
  const logFile = `${folder.path}/log`;
  const script =
    'trap "" TERM; sleep 600 & echo $! >"$0"; while :; do wait; done';
  const pidFile = `${folder.path}/pid`;
  await using child = await superviseChild({
    name: "stubborn",
    command: "sh",
    args: ["-c", script, pidFile],
    logFile,
    ready: () => untilText(pidFile, /\d\n/),
  });
  const grandchild = await identify(Number(await readFile(pidFile, "utf8")));
  ok(grandchild && child.process);
  const leader = child.process;
  await child.stop(50);
  strictEqual(await isAlive(leader), false);
  strictEqual(child.process, undefined);
  await untilGone(grandchild);
});

/** Starts a supervisor, ends it by SIGKILL, and does `after` before the child must be gone. */
async function outlive(
  folder: string,
  env: Record<string, string>,
  after: () => Promise<void>,
): Promise<void> {
  const module = import.meta.resolve("../../src/stack/child.ts");
  const script = `
    import { superviseChild } from ${JSON.stringify(module)};
    const child = await superviseChild({
      name: "sleeper", command: "sleep", args: ["600"],
      logFile: ${JSON.stringify(`${folder}/log`)},
    });
    console.log(child.process?.pid);
    await new Promise(() => setInterval(() => {}, 1000));
  `;
  const supervisor = new Deno.Command(Deno.execPath(), {
    args: ["eval", script],
    env,
    stdout: "piped",
  }).spawn();
  const reader = supervisor.stdout.getReader();
  const { value } = await reader.read();
  const child = await identify(Number(new TextDecoder().decode(value)));
  ok(child);
  supervisor.kill("SIGKILL");
  await supervisor.status;
  await reader.cancel();
  await after();
  await untilGone(child);
}

Deno.test("superviseChild() ends with its supervisor, even a killed one", async () => {
  await using folder = await temporaryFolder();
  await outlive(folder.path, {}, () => Promise.resolve());
});

Deno.test("superviseChild() ends with a supervisor that was gone before it could ask to be told", async () => {
  await using folder = await temporaryFolder();
  const gate = `${folder.path}/gate`;
  await new Deno.Command("mkfifo", { args: [gate] }).output();
  await Deno.writeTextFile(
    `${folder.path}/setpriv`,
    `#!/bin/sh\nread -r _ <'${gate}'\nPATH=\${PATH#*:}\nexec setpriv "$@"\n`,
    { mode: 0o755 },
  );
  const env = { PATH: `${folder.path}:${Deno.env.get("PATH")}` };
  await outlive(folder.path, env, () => Deno.writeTextFile(gate, "go\n"));
});

Deno.test("stop() ends a child that waits to be started again", async () => {
  await using folder = await temporaryFolder();
  const exited = Promise.withResolvers<void>();
  const child = await superviseChild({
    name: "short",
    command: "sleep",
    args: ["600"],
    logFile: `${folder.path}/log`,
    onExit: () => exited.resolve(),
  });
  ok(child.process);
  Deno.kill(child.process.pid, "SIGKILL");
  await exited.promise;
  await child.stop();
  strictEqual(child.process, undefined);
});
