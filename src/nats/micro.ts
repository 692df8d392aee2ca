/** A NATS microservice (ADR-32): endpoints in a queue group, and $SRV answers. */
import type { Msg, NatsConnection, Subscription } from "@nats-io/nats-core";

export interface Endpoint {
  name: string;
  subject: string;
  queue: string;
  /** Answers the message. @returns whether it went well */
  handle(message: Msg): Promise<boolean>;
}

export interface ServiceSpec {
  name: string;
  id: string;
  /** Semantic version. */
  version: string;
  endpoints: Endpoint[];
}

export interface Microservice {
  /** Ends the subscriptions; what runs goes on. */
  stop(): Promise<void>;
}

interface Counters {
  requests: number;
  errors: number;
  nanoseconds: number;
}

export function serveMicro(
  nc: NatsConnection,
  { name, id, version, endpoints }: ServiceSpec,
): Microservice {
  const started = new Date().toISOString();
  const counters = new Map<string, Counters>();
  const identity = { name, id, version, metadata: {} };

  const subscriptions: Subscription[] = endpoints.map((endpoint) => {
    const counter = { requests: 0, errors: 0, nanoseconds: 0 };
    counters.set(endpoint.name, counter);
    return nc.subscribe(endpoint.subject, {
      queue: endpoint.queue,
      callback: (error, message) => {
        if (!error) void measure(counter, endpoint, message);
      },
    });
  });

  const answers: Record<string, () => unknown> = {
    PING: () => ({ type: "io.nats.micro.v1.ping_response", ...identity }),
    INFO: () => ({
      type: "io.nats.micro.v1.info_response",
      ...identity,
      description: "Runs serverless functions in sandboxes",
      endpoints: endpoints.map((e) => ({
        name: e.name,
        subject: e.subject,
        queue_group: e.queue,
        metadata: {},
      })),
    }),
    STATS: () => ({
      type: "io.nats.micro.v1.stats_response",
      ...identity,
      started,
      endpoints: endpoints.map((e) => ({
        name: e.name,
        subject: e.subject,
        queue_group: e.queue,
        ...stats(counters.get(e.name)),
      })),
    }),
  };

  for (const [verb, answer] of Object.entries(answers)) {
    for (const suffix of ["", `.${name}`, `.${name}.${id}`]) {
      subscriptions.push(nc.subscribe(`$SRV.${verb}${suffix}`, {
        callback: (error, message) => {
          if (!error) message.respond(JSON.stringify(answer()));
        },
      }));
    }
  }

  return {
    async stop() {
      const open = subscriptions.filter((each) => !each.isClosed());
      await Promise.all(open.map((each) => each.drain()));
    },
  };
}

async function measure(
  counter: Counters,
  endpoint: Endpoint,
  message: Msg,
): Promise<void> {
  const begun = performance.now();
  counter.requests++;
  if (!await endpoint.handle(message)) counter.errors++;
  counter.nanoseconds += Math.round((performance.now() - begun) * 1e6);
}

function stats(counter: Counters | undefined): Record<string, number> {
  const { requests, errors, nanoseconds } = counter ??
    { requests: 0, errors: 0, nanoseconds: 0 };
  return {
    num_requests: requests,
    num_errors: errors,
    processing_time: nanoseconds,
    average_processing_time: requests ? Math.round(nanoseconds / requests) : 0,
  };
}
