/** Connects to NATS, with the credentials that the URL holds. */
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { AppError } from "../contracts/error.ts";
import { setInboxPrefix } from "./inbox.ts";

export interface NatsAddress {
  servers: string[];
  user?: string;
  pass?: string;
}

/**
 * Splits `nats://user:password@host:port[,…]`; the transport itself ignores
 * credentials in a URL.
 *
 * @throws {AppError} `invalid`
 */
export function parseNatsUrl(text: string): NatsAddress {
  const urls = text.split(",").map((part) => {
    const url = URL.parse(part.trim());
    if (!url || !["nats:", "tls:"].includes(url.protocol)) {
      throw new AppError("invalid", "Cannot read NATS_URL: it is no nats URL", {
        hint: "Write it as nats://user:password@host:port",
      });
    }
    return url;
  });
  const user = urls.find(({ username }) => username !== "");
  return {
    servers: urls.map(({ hostname, port }) => `${hostname}:${port || 4222}`),
    ...(user && {
      user: decoded(user.username),
      pass: decoded(user.password),
    }),
  };
}

/** Says nothing of the text: it may be the password. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AppError(
      "invalid",
      "Cannot read NATS_URL: its user or password is not percent-encoded",
      { hint: "Write %25 for a percent sign" },
    );
  }
}

/**
 * A connection that reconnects for as long as the process lives.
 *
 * @param inboxPrefix Where answers arrive, for a user that may not hear others.
 * @throws {AppError} `unavailable` when there is no server at the start
 */
export async function connectNats(
  url: string,
  name: string,
  inboxPrefix?: string,
): Promise<NatsConnection> {
  const address = parseNatsUrl(url);
  try {
    const nc = await connect({
      ...address,
      name,
      ...(inboxPrefix !== undefined && { inboxPrefix }),
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      timeout: 10_000,
      noAsyncTraces: true,
    });
    if (inboxPrefix !== undefined) setInboxPrefix(nc, inboxPrefix);
    return nc;
  } catch (cause) {
    throw new AppError(
      "unavailable",
      `Cannot connect to NATS at ${address.servers.join(", ")}`,
      { hint: "Check that the server runs and that NATS_URL is right", cause },
    );
  }
}
