/** Builds an image, and believes in it once the engine has it. */
import { AppError } from "../../src/contracts/error.ts";
import type { BuildSpec, ContainerEngine } from "../engine/engine.ts";

/** @throws {AppError} `build_failed`, and what the engine throws */
export async function buildImage(
  engine: Pick<ContainerEngine, "buildImage" | "hasImage">,
  spec: BuildSpec,
  say: (line: string) => void,
): Promise<void> {
  for await (const line of engine.buildImage(spec)) say(line);
  if (await engine.hasImage(spec.tag)) return;
  throw new AppError("build_failed", "Cannot find the image just built", {
    hint: "Deploy again; ./oche doctor looks at the engine",
  });
}
