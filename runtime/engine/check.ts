/** Whether an engine has what the operator's settings name. */
import { AppError } from "../../src/contracts/error.ts";
import type { ContainerEngine } from "./engine.ts";

/** @throws {AppError} `unavailable` when the engine would not use it */
export async function requireRuntime(
  engine: Pick<ContainerEngine, "runtimes">,
  name: string,
): Promise<void> {
  const known = await engine.runtimes();
  if (known.includes(name)) return;
  throw new AppError(
    "unavailable",
    `Cannot use the container runtime "${name}": the engine does not run it`,
    {
      hint: `It runs ${known.join(", ")}. Install the runtime, make it known ` +
        "to the engine, or unset OCHE_RUNTIME",
    },
  );
}

/** @throws {AppError} `unavailable` when there is no such network */
export async function requireNetwork(
  engine: Pick<ContainerEngine, "hasNetwork">,
  name: string,
): Promise<void> {
  if (await engine.hasNetwork(name)) return;
  throw new AppError(
    "unavailable",
    `Cannot find the network "${name}" on the engine`,
    { hint: "Make it, or take it out of OCHE_NETWORKS" },
  );
}
