/** Brings a machine to where a stack can start: packages, NATS, the Dart toolchain. */
import { AppError } from "../contracts/error.ts";
import { type DartVm, ensureDartVm } from "./dart_vm.ts";
import { ensurePackages } from "./install.ts";
import { type PackageNeeds, packagesFor } from "./packages.ts";
import type { Progress } from "./progress.ts";
import { findPrograms } from "./run.ts";

export interface ProvisionOptions extends PackageNeeds {
  /** Where downloaded tools live. */
  cache: string;
}

export interface Provisioned {
  /** The program's path, when `nats` was asked for. */
  natsServer: string | undefined;
  /** When `dart` is `bundled`. */
  dartVm: DartVm | undefined;
}

/**
 * Installs what lacks; on a prepared machine it only looks.
 *
 * @throws {AppError} `unavailable` with what to install, where we cannot
 */
export async function provision(
  { cache, ...needs }: ProvisionOptions,
  progress: Progress,
): Promise<Provisioned> {
  if (needs.dart === "bundled" && Deno.build.arch !== "x86_64") {
    throw new AppError(
      "unavailable",
      `Cannot run the bundled Dart VM: it is for x86, and this machine is ${Deno.build.arch}`,
      { hint: "Set OCHE_DART=image" },
    );
  }
  await ensurePackages(packagesFor(needs), progress);
  const [programs, dartVm] = await Promise.all([
    findPrograms(["nats-server"]),
    needs.dart === "bundled" ? ensureDartVm(cache, progress) : undefined,
  ]);
  return {
    natsServer: needs.nats ? programs.get("nats-server") : undefined,
    dartVm,
  };
}
