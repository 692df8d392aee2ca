/** What a sandbox's container is made with. */
import type { ContainerSpec } from "../engine/engine.ts";
import type { ExchangeDirectory } from "../exchange/directory.ts";
import { containerLabels, LABEL } from "../labels.ts";
import type { RuntimeSettings } from "../settings.ts";
import { harden, maxFileBytes } from "./hardening.ts";
import type { SandboxTarget } from "./target.ts";

export function containerSpec(
  settings: RuntimeSettings,
  target: Omit<SandboxTarget, "env">,
  { name, exchange }: {
    name: string;
    exchange: Pick<ExchangeDirectory, "path" | "insidePath">;
  },
): ContainerSpec {
  return {
    name,
    image: target.image,
    labels: {
      ...containerLabels(settings, "sandbox"),
      [LABEL.function]: target.functionId,
      [LABEL.version]: String(target.version),
      [LABEL.image]: target.image,
    },
    workingDir: exchange.insidePath,
    binds: [{
      source: exchange.path,
      target: exchange.insidePath,
      readOnly: false,
    }],
    ...harden({
      ...settings,
      memoryMb: target.memoryMb,
      maxFileBytes: maxFileBytes(settings),
    }),
    ...(target.network !== undefined && { network: target.network }),
  };
}
