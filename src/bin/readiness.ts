/** Waits until a program of the stack answers. */
import { connectNats } from "../nats/connect.ts";
import { pause } from "../pause.ts";

const RETRY_MS = 40;

export async function gatewayAnswers(
  url: string,
  signal: AbortSignal,
): Promise<void> {
  await untilTrue(signal, async () => {
    const response = await fetch(`${url}/readyz`, { signal });
    await response.body?.cancel();
    return response.ok;
  });
}

/** The service's own PING (NATS ADR-32) is answered once it takes invokes. */
export async function runtimeAnswers(
  natsUrl: string,
  signal: AbortSignal,
): Promise<void> {
  const nc = await connectNats(natsUrl, "oche-up");
  try {
    await untilTrue(signal, async () => {
      await nc.request("$SRV.PING.oche-runtime", "", { timeout: 1_000 });
      return true;
    });
  } finally {
    await nc.close();
  }
}

async function untilTrue(
  signal: AbortSignal,
  ask: () => Promise<boolean>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      if (await ask()) return;
    } catch {
      // Not there yet; the caller's limit ends the wait.
    }
    await pause(RETRY_MS);
  }
}
