/** EventSink over NATS: CloudEvents in structured mode, as the NATS binding has them. */
import { headers, type NatsConnection } from "@nats-io/nats-core";
import { type CloudEvent, EVENT_TYPE } from "../contracts/cloud_event.ts";
import {
  EVENT_PREFIX,
  type EventSink,
  type LifecycleEvent,
} from "../contracts/event.ts";
import type { FunctionRecord } from "../contracts/function.ts";
import type { Registry } from "../contracts/port.ts";
import type { Logger } from "../log.ts";
import { HEADER, subject } from "./subject.ts";

export interface EventSinkOptions {
  nc: NatsConnection;
  registry: Registry;
  /** Whose functions these are; absent where there is but one. */
  installation: string | undefined;
  log: Logger;
}

/** Plain messages that a stream keeps: no acknowledgement is waited for. */
export function openEventSink(
  { nc, registry, installation, log }: EventSinkOptions,
): EventSink & Disposable {
  const source = installation === undefined ? "/oche" : `/oche/${installation}`;
  const wanted = new Set<string>();
  function look({ id, settings }: FunctionRecord): void {
    if (settings.events) wanted.add(id);
    else wanted.delete(id);
  }
  const watch = registry.onChange((change) => {
    if (change.type === "function") look(change.record);
    else if (change.type === "removed") wanted.delete(change.id);
  });
  // Nobody waits for the list, which takes the longer the more there are.
  registry.list().then((records) => records.forEach(look)).catch((error) =>
    log.warn("Cannot tell who wants events", { error })
  );

  async function publish(told: LifecycleEvent, time: Date): Promise<void> {
    const name = (await registry.find(told.functionId))?.name;
    const event = toCloudEvent(told, { source, name, time });
    const h = headers();
    h.set(HEADER.contentType, EVENT_TYPE);
    h.set(HEADER.messageId, event.id);
    // Whoever an event sets off is one further: else events could go round.
    if (told.hops !== undefined) h.set(HEADER.hops, String(told.hops + 1));
    nc.publish(subject.event(told.type), JSON.stringify(event), { headers: h });
  }

  return {
    emit(told) {
      publish(told, new Date()).catch((error) =>
        log.warn("Cannot tell of an event", { type: told.type, error })
      );
    },
    wants: (functionId) => wanted.has(functionId),
    get wantsAny() {
      return wanted.size > 0;
    },
    [Symbol.dispose]: () => watch[Symbol.dispose](),
  };
}

function toCloudEvent(
  { type, functionId, data, id, traceparent }: LifecycleEvent,
  { source, name, time }: {
    source: string;
    name: string | undefined;
    time: Date;
  },
): CloudEvent {
  return {
    specversion: "1.0",
    id: id ?? crypto.randomUUID(),
    source,
    type: `${EVENT_PREFIX}${type}`,
    subject: `functions/${functionId}`,
    time: time.toISOString(),
    datacontenttype: "application/json",
    ...(traceparent !== undefined && { traceparent }),
    data: {
      functionId,
      ...(name !== undefined && { function: name }),
      ...data,
    },
  };
}
