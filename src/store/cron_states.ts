/** What is remembered of cron triggers, on a KV bucket. */
import type { JetStreamManager } from "@nats-io/jetstream";
import type { KV } from "@nats-io/kv";
import { CronState, type CronStates } from "../contracts/cron.ts";
import { BUCKET, key, underlying } from "../nats/subject.ts";
import { create, read, replace } from "./bucket.ts";

export function cronStates(kv: KV, jsm: JetStreamManager): CronStates {
  const stream = underlying.stream(BUCKET.cron);
  const subjectOf = (id: string) =>
    underlying.subject(BUCKET.cron, key.cron(id));
  return {
    read: (id) => read(kv, CronState, key.cron(id)),
    write: (id, value, revision) =>
      revision === undefined
        ? create(kv, key.cron(id), value)
        : replace(kv, key.cron(id), value, revision),
    // A list of keys waits for those that are overwritten while it is made.
    async ids() {
      const { state } = await jsm.streams.info(stream, {
        subjects_filter: subjectOf("*"),
      });
      return Object.keys(state.subjects ?? {})
        .map((each) => each.slice(subjectOf("").length));
    },
    /** No mark of the removal stays either. */
    async remove(id) {
      await jsm.streams.purge(stream, { filter: subjectOf(id) });
    },
  };
}
