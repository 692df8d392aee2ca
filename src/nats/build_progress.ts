/** BuildProgress over NATS: plain messages that nobody has to read. */
import type { NatsConnection } from "@nats-io/nats-core";
import type { BuildProgress } from "../contracts/port.ts";
import { subject } from "./subject.ts";

export function buildProgress(nc: NatsConnection): BuildProgress {
  return {
    emit: (id, version, event) =>
      nc.publish(subject.build(id, version), JSON.stringify(event)),
  };
}
