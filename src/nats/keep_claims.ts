/** Makes the bucket of claims again where a server that was started anew forgot it. */
import type { JetStreamClient } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { Objm } from "@nats-io/obj";
import type { Logger } from "../log.ts";
import { pause } from "../pause.ts";
import { claimsBucket } from "./claims_bucket.ts";

/** After a try in vain, in milliseconds. */
const RETRY_MS = 500;

/** Of a gateway: it alone may. Until the connection is closed. */
export async function keepClaims(
  nc: NatsConnection,
  js: JetStreamClient,
  log: Logger,
): Promise<void> {
  const objm = new Objm(js);
  for await (const { type } of nc.status()) {
    if (type === "reconnect") await remake(nc, objm, log);
  }
}

/** The server may be back for its clients before it is for its streams. */
async function remake(
  nc: NatsConnection,
  objm: Objm,
  log: Logger,
): Promise<void> {
  for (let isFirst = true; !nc.isClosed(); isFirst = false) {
    try {
      await claimsBucket(objm);
      return;
    } catch (error) {
      if (isFirst) log.warn("Cannot make the bucket of claims yet", { error });
      await pause(RETRY_MS);
    }
  }
}
