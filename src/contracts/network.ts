/** Networks of the container engine that an operator lets functions into, by name. */
import { z } from "zod";
import { AppError } from "./error.ts";

/** Engines take these for ways to connect, not for names; `host` has no wall at all. */
const RESERVED = [
  ...["host", "none", "default", "private", "container", "ns", "pod"],
  ...["slirp4netns", "pasta"],
];

export const NetworkName = z.string().regex(
  /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/,
  "must be the name of a network",
).refine((name) => !RESERVED.includes(name.toLowerCase()), {
  error: "must be a network of its own, none of the engine's modes",
});

/** Names by commas. */
export const NetworkNames = z.string().transform((text) =>
  text.split(",").map((name) => name.trim()).filter(Boolean)
).pipe(z.array(NetworkName));

/** @throws {AppError} `forbidden` when the operator did not approve it */
export function requireApproved(
  network: string,
  approved: readonly string[],
): void {
  if (approved.includes(network)) return;
  throw new AppError(
    "forbidden",
    `Cannot use the network "${network}": the operator has not approved it`,
    {
      hint: approved.length > 0
        ? `Use one of these: ${approved.join(", ")}`
        : "The operator approves networks by OCHE_NETWORKS",
    },
  );
}
