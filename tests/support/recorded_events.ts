/** An EventSink that keeps what it is told, for tests. */
import type { EventSink, LifecycleEvent } from "../../src/contracts/event.ts";

export interface RecordedEvents extends EventSink {
  told: LifecycleEvent[];
  types(): string[];
}

export function recordedEvents(wanted: string[] = []): RecordedEvents {
  const told: LifecycleEvent[] = [];
  return {
    told,
    types: () => told.map(({ type }) => type),
    emit: (event) => void told.push(event),
    wants: (id) => wanted.includes(id),
    wantsAny: wanted.length > 0,
  };
}
