/** Dead letters, on a stream: one message each, by function and invocation. */
import { headers } from "@nats-io/nats-core";
import type { StoredMsg } from "@nats-io/jetstream";
import { DeadLetter, type DeadLetters } from "../contracts/dead.ts";
import { parseJson } from "../contracts/parse.ts";
import type { ObjectStore } from "../contracts/port.ts";
import type { Sealer } from "../contracts/sealer.ts";
import type { AsyncParts } from "../nats/bootstrap_async.ts";
import { HEADER, STREAM, subject } from "../nats/subject.ts";
import { scan } from "./scan.ts";

/** What headers and protocol may take of a message's size, in bytes. */
const OVERHEAD = 16 * 1024;

export function deadLetters(
  { nc, js, jsm }: Pick<AsyncParts, "nc" | "js" | "jsm">,
  payloads: ObjectStore,
  sealer: Sealer,
): DeadLetters {
  async function decode(
    { header, data, subject }: Pick<StoredMsg, "data" | "subject"> & {
      header: StoredMsg["header"] | undefined;
    },
  ): Promise<DeadLetter> {
    const claim = header?.get(HEADER.claim);
    const bytes = claim
      ? await payloads.get(claim)
      : await sealer.open(data, subject);
    return parseJson(
      DeadLetter,
      new TextDecoder().decode(bytes),
      "a dead letter",
    );
  }

  async function stored(id: string): Promise<StoredMsg | null> {
    return await jsm.streams.getMessage(STREAM.dead, {
      last_by_subj: subject.dead("*", id),
    });
  }

  return {
    async add(letter) {
      const bytes = new TextEncoder().encode(JSON.stringify(letter));
      const room = (nc.info?.max_payload ?? 1024 * 1024) - OVERHEAD;
      const h = headers();
      const claim = bytes.length > room ? `dead.${letter.id}` : undefined;
      if (claim) {
        await payloads.put(claim, bytes);
        h.set(HEADER.claim, claim);
      }
      const to = subject.dead(letter.functionId, letter.id);
      await js.publish(
        to,
        claim ? new Uint8Array() : await sealer.seal(bytes, to),
        { headers: h },
      );
    },

    async find(id) {
      const found = await stored(id);
      return found ? await decode(found) : undefined;
    },

    async list({ functionId, reason, olderThanMs = 0, limit }) {
      const letters: DeadLetter[] = [];
      const before = Date.now() - olderThanMs;
      const messages = scan(js, {
        stream: STREAM.dead,
        filter: subject.dead(functionId ?? "*", "*"),
      });
      for await (const { headers: header, data, subject } of messages) {
        const letter = await decode({ header, data, subject });
        if (reason !== undefined && letter.reason !== reason) continue;
        if (Date.parse(letter.deadAt) > before) continue;
        if (letters.length === limit) return { letters, more: true };
        letters.push(letter);
      }
      return { letters, more: false };
    },

    async remove(id) {
      const found = await stored(id);
      if (!found) return;
      await jsm.streams.deleteMessage(STREAM.dead, found.seq, false);
      const claim = found.header.get(HEADER.claim);
      if (claim) await payloads.remove(claim);
    },
  };
}
