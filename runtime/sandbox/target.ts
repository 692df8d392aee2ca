/** What a sandbox runs, and the exchange directory that it gets for it. */
import {
  type Box,
  ExchangeDirectory,
  exchangePath,
} from "../exchange/directory.ts";
import type { RuntimeSettings } from "../settings.ts";
import { specVariables } from "./environment.ts";

/** What a sandbox runs. */
export interface SandboxTarget {
  functionId: string;
  version: number;
  image: string;
  memoryMb: number;
  /** The author's variables; the spec's own are added. */
  env: Record<string, string>;
}

/** @param box Of a sandbox that runs already. */
export function exchangeOf(
  settings: RuntimeSettings,
  target: SandboxTarget,
  containerName: string,
  box?: Box,
): ExchangeDirectory {
  const place = { ...target, containerName };
  return new ExchangeDirectory({
    ...place,
    functionsDir: settings.functionsDir,
    ...(box && { box }),
    env: {
      ...target.env,
      ...settings.database,
      ...specVariables(settings, target, exchangePath(place)),
    },
  });
}
