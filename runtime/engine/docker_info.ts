/** What an engine says of itself. */
// @ts-types="@types/dockerode"
import type Docker from "dockerode";
import { z } from "zod";

/** Whether it is Podman that speaks Docker's API. */
export async function isPodman(docker: Docker): Promise<boolean> {
  const { Components = [] } = await docker.version();
  return Components.some(({ Name }) => /podman/i.test(Name));
}

const EngineRuntimes = z.object({
  DefaultRuntime: z.string(),
  Runtimes: z.record(z.string(), z.unknown()),
});

/** Podman uses its default one, whatever a container asks for. */
export async function runtimesOf(docker: Docker): Promise<string[]> {
  const { DefaultRuntime, Runtimes } = EngineRuntimes.parse(
    await docker.info(),
  );
  return await isPodman(docker) ? [DefaultRuntime] : Object.keys(Runtimes);
}
