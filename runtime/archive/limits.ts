/** How much an archive may hold, and what is said of one that holds more. */
import { AppError } from "../../src/contracts/error.ts";

const MB = 1024 * 1024;

export interface ArchiveLimits {
  /** Of the archive as it came, in bytes. */
  archiveBytes: number;
  /** Of all files together, in bytes. */
  unpackedBytes: number;
  entries: number;
  /** Unpacked to packed; counted once more than a megabyte is unpacked. */
  ratio: number;
}

export const DEFAULT_LIMITS: ArchiveLimits = {
  archiveBytes: 20 * MB,
  unpackedBytes: 100 * MB,
  entries: 5_000,
  ratio: 200,
};

const RATIO_FROM_BYTES = MB;

/** Counts while an archive is read, so that a bomb is put out early. */
export class Meter {
  readonly #limits: ArchiveLimits;
  readonly #packedBytes: number;
  #entries = 0;
  #bytes = 0;

  constructor(limits: ArchiveLimits, packedBytes: number) {
    this.#limits = limits;
    this.#packedBytes = packedBytes;
    if (packedBytes > limits.archiveBytes) {
      throw tooLarge("the archive is larger", `${limits.archiveBytes} bytes`);
    }
  }

  /** @throws {AppError} `too_large` */
  countEntry(): void {
    if (++this.#entries > this.#limits.entries) {
      throw tooLarge("it has more entries", `${this.#limits.entries}`);
    }
  }

  /** @throws {AppError} `too_large` */
  countBytes(count: number): void {
    this.#bytes += count;
    const { unpackedBytes, ratio } = this.#limits;
    if (this.#bytes > unpackedBytes) {
      throw tooLarge("it unpacks to more", `${unpackedBytes} bytes`);
    }
    if (
      this.#bytes > RATIO_FROM_BYTES && this.#bytes > ratio * this.#packedBytes
    ) {
      throw tooLarge("it is packed more densely", `${ratio} to 1`);
    }
  }
}

function tooLarge(what: string, limit: string): AppError {
  return new AppError(
    "too_large",
    `Cannot unpack the archive: ${what} than allowed (${limit})`,
    { hint: "Leave out what the function does not need" },
  );
}
