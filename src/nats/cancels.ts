/** Hears which invocations are to end. Such a message may be lost: the record says it too. */
import type { NatsConnection } from "@nats-io/nats-core";
import { subject } from "./subject.ts";

export function onCancel(
  nc: NatsConnection,
  cancel: (invocationId: string) => void,
): void {
  nc.subscribe(subject.cancel, {
    callback: (error, message) => {
      if (!error) cancel(message.string());
    },
  });
}
