/** The labels by which things on an engine are known as ours. */

export const LABEL = {
  installation: "oche.installation",
  runtime: "oche.runtime",
  function: "oche.function",
  version: "oche.version",
  role: "oche.role",
  /** The tag of the image that a container was made of. */
  image: "oche.image",
} as const;

/**
 * Whether a container is one that a runtime made. A person's, made of an image
 * of ours, has the image's labels too.
 */
export function isOurs(labels: Record<string, string>): boolean {
  return labels[LABEL.runtime] !== undefined;
}

/** `loader`: of sandboxes that wait for their function. */
export type ImageRole = "image" | "loader";
export type ContainerRole = "sandbox" | "compiler";

/** Of a container that a runtime makes. */
export function containerLabels(
  { installation, runtimeId }: { installation: string; runtimeId: string },
  role: ContainerRole,
): Record<string, string> {
  return {
    [LABEL.installation]: installation,
    [LABEL.runtime]: runtimeId,
    [LABEL.role]: role,
  };
}

/** Of an image: it is nobody's in particular, but of the installation. */
export function imageLabels(
  installation: string,
  role: ImageRole,
): Record<string, string> {
  return { [LABEL.installation]: installation, [LABEL.role]: role };
}

/** Names unique for certain: of this runtime, and counted. */
export class ContainerNames {
  readonly #prefix: string;
  #count = 0;

  constructor({ installation, runtime }: {
    installation: string;
    runtime: string;
  }) {
    this.#prefix = `oche-${installation}-${runtime}`;
  }

  /** At most 32 characters: a socket's path has to fit 107 bytes. */
  next(): string {
    return `${this.#prefix}-${(this.#count++).toString(36)}`;
  }
}
