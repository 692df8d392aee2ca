/** Sealed bytes in a stream's messages; what is too large for one lies beside it. */
import type { MsgHdrs, NatsConnection } from "@nats-io/nats-core";
import { messageRoom } from "../contracts/message_room.ts";
import type { ObjectStore } from "../contracts/port.ts";
import type { Sealer } from "../contracts/sealer.ts";
import { HEADER } from "../nats/subject.ts";

/** What is stored of a message. */
export interface SealedMessage {
  subject: string;
  data: Uint8Array;
  header: MsgHdrs | undefined;
}

export interface SealedPayloads {
  /**
   * The message's data, sealed to its subject; none where the bytes lie beside
   * it: then the headers get the claim.
   *
   * @param claim The name that they would have there.
   */
  write(
    to: { subject: string; header: MsgHdrs },
    bytes: Uint8Array,
    claim: string,
  ): Promise<Uint8Array>;
  /** @throws {AppError} what the seal or the store refuses */
  read(message: SealedMessage): Promise<Uint8Array>;
  /** What lies beside the message, if anything does. */
  remove(message: Pick<SealedMessage, "header">): Promise<void>;
}

/** @param payloads Seals by itself. */
export function sealedPayloads(
  nc: NatsConnection,
  payloads: ObjectStore,
  sealer: Sealer,
): SealedPayloads {
  return {
    async write({ subject, header }, bytes, claim) {
      const room = messageRoom(nc.info?.max_payload);
      if (bytes.length <= room) return await sealer.seal(bytes, subject);
      await payloads.put(claim, bytes);
      header.set(HEADER.claim, claim);
      return new Uint8Array();
    },

    async read({ subject, data, header }) {
      const claim = header?.get(HEADER.claim);
      return claim
        ? await payloads.get(claim)
        : await sealer.open(data, subject);
    },

    async remove({ header }) {
      const claim = header?.get(HEADER.claim);
      if (claim) await payloads.remove(claim);
    },
  };
}
