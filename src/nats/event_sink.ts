/** EventSink over NATS: CloudEvents in structured mode, as the NATS binding has them. */
import { headers, type NatsConnection } from "@nats-io/nats-core";
import { type CloudEvent, EVENT_TYPE } from "../contracts/cloud_event.ts";
import {
  EVENT_PREFIX,
  type EventSink,
  type LifecycleEvent,
} from "../contracts/event.ts";
import type { Logger } from "../log.ts";
import { HEADER, subject } from "./subject.ts";

export interface EventSinkOptions {
  nc: NatsConnection;
  /** Whose functions these are. */
  installation: string;
  log: Logger;
}

/** Plain messages that a stream keeps: no acknowledgement is waited for. */
export function eventSink(
  { nc, installation, log }: EventSinkOptions,
): EventSink {
  return {
    emit(told) {
      try {
        const event = toCloudEvent(told, installation);
        const h = headers();
        h.set(HEADER.contentType, EVENT_TYPE);
        h.set(HEADER.messageId, event.id);
        nc.publish(subject.event(told.type), JSON.stringify(event), {
          headers: h,
        });
      } catch (error) {
        log.warn("Cannot tell of an event", { type: told.type, error });
      }
    },
  };
}

function toCloudEvent(
  { type, functionId, data, traceparent }: LifecycleEvent,
  installation: string,
): CloudEvent {
  return {
    specversion: "1.0",
    id: crypto.randomUUID(),
    source: `/oche/${installation}`,
    type: `${EVENT_PREFIX}${type}`,
    subject: `functions/${functionId}`,
    time: new Date().toISOString(),
    datacontenttype: "application/json",
    ...(traceparent !== undefined && { traceparent }),
    data: { functionId, ...data },
  };
}
