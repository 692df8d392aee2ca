/** The stack that a benchmark measures: started in a folder, with what is to be said of it. */
import { basename } from "node:path";
import { dockerEngine } from "../../runtime/engine/docker.ts";
import { ms } from "../bench/row.ts";
import type { Target } from "../bench/target.ts";
import { versionOf } from "../bench/versions.ts";
import { openInstallation } from "../stack/installation.ts";
import { silentProgress } from "../stack/progress.ts";
import { readStackSettings } from "../stack/settings.ts";
import { VERSION } from "../version.ts";
import { type Stack, startStack } from "./stack.ts";

export interface StackChoice {
  root: string;
  cache: string;
  /** As OCHE_ENGINE. */
  engine: string;
}

/** To end one again waits for its end. */
const started = new Set<Stack>();

/** Ends those that still run. */
export async function endStacks(): Promise<void> {
  await Promise.allSettled(
    Array.from(started, (stack) => stack[Symbol.asyncDispose]()),
  );
}

/** @param work Is told how long the stack took to be up, in milliseconds. */
export async function withStack(
  { root, cache, engine: choice }: StackChoice,
  home: string,
  env: Record<string, string>,
  work: (
    target: Target,
    about: Record<string, string>,
    upMs: number,
  ) => Promise<void>,
): Promise<void> {
  // Two may run at once.
  const volume = { SHARED_VOLUME_NAME: `oche_bench_${basename(home)}` };
  const values: Record<string, string> = {
    OCHE_HOME: home,
    OCHE_CACHE: cache,
    OCHE_PORT: "0",
    OCHE_ENGINE: choice,
    // What the table says.
    OCHE_DART: "bundled",
    ...volume,
  };
  const installation = await openInstallation(home);
  const begun = performance.now();
  await using stack: Stack = await startStack({
    root,
    settings: readStackSettings((name) => values[name]),
    installation,
    progress: silentProgress,
    notice: () => {},
    env: { ...volume, ...env },
  });
  started.add(stack);
  const upMs = performance.now() - begun;
  const engine = dockerEngine({ socketPath: stack.engineSocket });
  const { name, version } = await engine.ping();
  await work(
    {
      url: stack.url,
      key: installation.adminKey,
      engine,
      engineName: name,
      engineSocket: stack.engineSocket,
      installation: installation.id,
    },
    {
      engine: `${name} ${version}`,
      machine: `${navigator.hardwareConcurrency} cores, ${
        Math.round(Deno.systemMemoryInfo().total / 1024 ** 3)
      } GB, ${Deno.osRelease()}`,
      toolchain: `bundled VM, ${await versionOf(`${cache}/dart-vm/bin/dart`)}`,
      versions: [
        `oche ${VERSION}, deno ${Deno.version.deno}`,
        await versionOf("nats-server"),
        await versionOf("wrk", "-v"),
      ].join(", "),
      up: ms(upMs),
    },
    upMs,
  );
}
