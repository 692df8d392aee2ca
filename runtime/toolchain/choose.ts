/** Which toolchain builds: as asked, or what is there. */
import { AppError } from "../../src/contracts/error.ts";
import type { Toolchain } from "./toolchain.ts";

export interface ToolchainChoice {
  /** Whether the dart image is present on the engine. */
  hasImage(): Promise<boolean>;
  image(): Toolchain;
  /** Absent where no bundled VM was provided. */
  bundled: (() => Toolchain) | undefined;
}

/**
 * `auto` takes the image only when it is present: nothing is pulled unasked.
 *
 * @throws {AppError} `unavailable` when what was asked for is not there
 */
export async function chooseToolchain(
  wanted: "auto" | "bundled" | "image",
  { hasImage, image, bundled }: ToolchainChoice,
): Promise<Toolchain> {
  if (wanted === "image" || (wanted === "auto" && await hasImage())) {
    return image();
  }
  if (bundled) return bundled();
  throw new AppError(
    "unavailable",
    "Cannot build: no bundled Dart VM is here",
    {
      hint: "Set OCHE_DART=image to build with the image OCHE_DART_IMAGE names",
    },
  );
}
