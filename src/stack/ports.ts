/** Which TCP ports of this machine are free. */
import { AppError } from "../contracts/error.ts";

export const LOOPBACK = "127.0.0.1";

const MAX_PORT_TRIES = 5;

export function isPortFree(port: number, hostname = LOOPBACK): boolean {
  try {
    Deno.listen({ port, hostname }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}

/** A port that was free a moment ago; another process may be faster. */
export function freePort(hostname = LOOPBACK): number {
  const listener = Deno.listen({ port: 0, hostname });
  const { port } = listener.addr;
  listener.close();
  return port;
}

/**
 * Starts on a free port, and on another one when somebody else was faster.
 *
 * @param start Rejects with what the system or the program said.
 */
export async function onFreePort<Value>(
  start: (port: number) => Promise<Value>,
): Promise<Value> {
  for (let tries = 1;; tries++) {
    try {
      return await start(freePort());
    } catch (error) {
      const said = error instanceof AppError ? error.hint : String(error);
      const isTaken = said && /address already in use/i.test(said);
      if (!isTaken || tries === MAX_PORT_TRIES) throw error;
    }
  }
}

/**
 * @throws {AppError} `conflict` when the port is in use, `forbidden` when
 * this user may not listen there, `invalid` when the address is not ours
 */
export function assertPortFree(port: number, hostname = LOOPBACK): void {
  const cannot = `Cannot listen on ${hostname}:${port}`;
  const other = "Choose another port with OCHE_PORT, such as OCHE_PORT=8081";
  try {
    if (isPortFree(port, hostname)) return;
  } catch (cause) {
    if (cause instanceof Deno.errors.PermissionDenied) {
      throw new AppError("forbidden", `${cannot}: ports below 1024 need root`, {
        hint: other,
        cause,
      });
    }
    throw new AppError(
      "invalid",
      `${cannot}: it is no address of this machine`,
      {
        hint: `Listen on ${LOOPBACK}, or on an address that this machine has`,
        cause,
      },
    );
  }
  throw new AppError("conflict", `${cannot}: the port is in use`, {
    hint: other,
  });
}
