/** What the engine's API answers, as errors that say what to do. */
import { z } from "zod";
import { AppError } from "../../src/contracts/error.ts";

const ApiFailure = z.object({
  statusCode: z.number().optional(),
  code: z.string().optional(),
  message: z.string().default(""),
});

export function statusOf(error: unknown): number | undefined {
  return ApiFailure.safeParse(error).data?.statusCode;
}

/** Whether it says that the container is gone. */
export function isGone(error: unknown): boolean {
  const { statusCode, message = "" } = ApiFailure.safeParse(error).data ?? {};
  // Podman's word for one that is removed while it is waited for.
  return statusCode === 404 ||
    statusCode === 500 && /no such container/i.test(message);
}

/** @param what As in `Cannot start the container`. */
export function engineError(
  error: unknown,
  what: string,
  socketPath: string,
): AppError {
  if (error instanceof AppError) return error;
  const { statusCode, code, message } = ApiFailure.parse(error);
  if (statusCode === undefined) {
    return new AppError(
      "unavailable",
      `Cannot reach the container engine at ${socketPath}${
        code ? `: ${code}` : ""
      }`,
      {
        hint: code === "EACCES"
          ? "Run as a user who may use the socket"
          : "Start Docker or Podman, or let ./oche up start its own",
        cause: error,
      },
    );
  }
  if (/rshared|shared mount|propagation/i.test(message)) {
    return new AppError("unavailable", `${what}: its mount is not shared`, {
      hint: "Run mount --make-shared on the folder OCHE_FUNCTIONS_DIR names",
      cause: error,
    });
  }
  if (/network.*not found|unable to find network/i.test(message)) {
    return new AppError("unavailable", `${what}: its network is missing`, {
      hint: "Make the network on the engine, or unset the function's: " +
        "./oche configure NAME --network default",
      cause: error,
    });
  }
  if (statusCode === 404 && /image/i.test(message)) {
    return new AppError("not_found", `${what}: its image is missing`, {
      hint: "Deploy the function again; ./oche doctor looks at the base image",
      cause: error,
    });
  }
  return new AppError("unavailable", `${what}: ${firstLine(message)}`, {
    hint: "Look at the log of the engine; ./oche doctor names it",
    cause: error,
  });
}

function firstLine(message: string): string {
  return (message.split("\n")[0] ?? "").trim().slice(0, 300);
}
