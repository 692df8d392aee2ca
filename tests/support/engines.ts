/** Real engines for tests, started in folders of their own and ended without a trace. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dockerEngine } from "../../runtime/engine/docker.ts";
import type { ContainerEngine } from "../../runtime/engine/engine.ts";
import { LABEL } from "../../runtime/labels.ts";
import { startDockerd } from "../../src/stack/dockerd.ts";
import { startPodman } from "../../src/stack/podman.ts";

export const ENGINES = ["podman", "docker"] as const;
export type EngineName = typeof ENGINES[number];

export interface TestEngine extends AsyncDisposable {
  engine: ContainerEngine;
  socketPath: string;
  /** Of everything of this test. */
  folder: string;
}

export async function startTestEngine(name: EngineName): Promise<TestEngine> {
  const folder = await mkdtemp(`${tmpdir()}/oche-test-${name}-`);
  async function removeFolder(): Promise<void> {
    await rm(folder, { recursive: true, force: true });
  }
  try {
    const start = name === "docker" ? startDockerd : startPodman;
    const daemon = await start({
      root: `${folder}/engine`,
      socketPath: `${folder}/s`,
      logFile: `${folder}/log`,
    });
    const { socketPath } = daemon;
    const engine = dockerEngine({ socketPath });
    return {
      engine,
      socketPath,
      folder,
      async [Symbol.asyncDispose]() {
        await daemon[Symbol.asyncDispose]();
        await removeFolder();
      },
    };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

/** Removes every sandbox of an engine, behind the back of whoever runs it. */
export async function removeSandboxes(engine: ContainerEngine): Promise<void> {
  for (const { id } of await engine.list({ [LABEL.role]: "sandbox" })) {
    await engine.remove(id);
  }
}
