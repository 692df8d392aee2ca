/** Starts a new image once: a version that cannot start never serves. */
import { AppError } from "../../src/contracts/error.ts";
import { Sandbox } from "../sandbox/sandbox.ts";
import type { ContainerEngine } from "../engine/engine.ts";
import { type BuiltVersion, targetOf } from "../sandbox/target.ts";
import type { RuntimeSettings } from "../settings.ts";

/**
 * @returns the sandbox, not called yet
 * @throws {AppError} `build_failed` when it does not come up
 */
export type SmokeTest = (built: BuiltVersion) => Promise<Sandbox>;

export function smokeTest(
  { engine, settings, nextName }: {
    engine: ContainerEngine;
    settings: RuntimeSettings;
    nextName(): string;
  },
): SmokeTest {
  return async (built) => {
    try {
      return await Sandbox.start(
        { engine, settings, containerName: nextName() },
        targetOf(built, settings),
        Date.now() + settings.startMs,
      );
    } catch (cause) {
      const error = AppError.from(cause);
      if (error.code !== "function_failed" && error.code !== "timeout") {
        throw error;
      }
      throw new AppError(
        "build_failed",
        `Cannot start the function: ${error.message}`,
        {
          hint: "It must start without being called",
          stderr: error.stderr,
          cause,
        },
      );
    }
  };
}
