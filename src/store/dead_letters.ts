/** Dead letters, on a stream: one message each, by function and invocation. */
import { headers } from "@nats-io/nats-core";
import type { StoredMsg } from "@nats-io/jetstream";
import { DeadLetter, type DeadLetters } from "../contracts/dead.ts";
import { parseJson } from "../contracts/parse.ts";
import type { ObjectStore } from "../contracts/port.ts";
import type { Sealer } from "../contracts/sealer.ts";
import type { AsyncParts } from "../nats/bootstrap_async.ts";
import { STREAM, subject } from "../nats/subject.ts";
import { scan } from "./scan.ts";
import { type SealedMessage, sealedPayloads } from "./sealed_payloads.ts";

export function deadLetters(
  { nc, js, jsm }: Pick<AsyncParts, "nc" | "js" | "jsm">,
  payloads: ObjectStore,
  sealer: Sealer,
): DeadLetters {
  const sealed = sealedPayloads(nc, payloads, sealer);

  async function decode(message: SealedMessage): Promise<DeadLetter> {
    const text = new TextDecoder().decode(await sealed.read(message));
    return parseJson(DeadLetter, text, "a dead letter");
  }

  async function stored(id: string): Promise<StoredMsg | null> {
    return await jsm.streams.getMessage(STREAM.dead, {
      last_by_subj: subject.dead("*", id),
    });
  }

  return {
    async add(letter) {
      const bytes = new TextEncoder().encode(JSON.stringify(letter));
      const header = headers();
      const to = subject.dead(letter.functionId, letter.id);
      const data = await sealed.write(
        { subject: to, header },
        bytes,
        `dead.${letter.id}`,
      );
      await js.publish(to, data, { headers: header });
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
      await sealed.remove(found);
    },
  };
}
