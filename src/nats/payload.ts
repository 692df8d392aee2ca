/** Payloads in and out of messages; what is too large travels by claim check. */
import type { Msg, MsgHdrs, NatsConnection } from "@nats-io/nats-core";
import { z } from "zod";
import { AppError } from "../contracts/error.ts";
import { messageRoom } from "../contracts/message_room.ts";
import { parse } from "../contracts/parse.ts";
import type { ObjectStore } from "../contracts/port.ts";
import { decodeUtf8 } from "../contracts/utf8.ts";
import { HEADER } from "./subject.ts";

const ClaimName = z.string().max(128);

/**
 * Puts bytes into a message: themselves, or a claim on an object that holds
 * them. The headers get the claim.
 */
export async function pack(
  nc: NatsConnection,
  claims: ObjectStore,
  bytes: Uint8Array,
  headers: MsgHdrs,
): Promise<Uint8Array> {
  if (bytes.length <= messageRoom(nc.info?.max_payload)) return bytes;
  const name = crypto.randomUUID();
  await claims.put(name, bytes);
  headers.set(HEADER.claim, name);
  return new Uint8Array();
}

/**
 * The payload of a message; a claim is fetched and dropped.
 *
 * @throws {AppError} `too_large`, `not_found`
 */
export async function unpackBytes(
  claims: ObjectStore,
  message: Msg,
  maxBytes: number,
): Promise<Uint8Array> {
  const claim = message.headers?.get(HEADER.claim);
  const bytes = claim ? await redeem(claims, claim, maxBytes) : message.data;
  if (bytes.length <= maxBytes) return bytes;
  throw new AppError(
    "too_large",
    `Cannot take ${bytes.length} bytes: at most ${maxBytes} are allowed`,
    { hint: "Send less, or pass a reference to the data" },
  );
}

/** As a text. @throws {AppError} `invalid` when it is not UTF-8 */
export async function unpack(
  claims: ObjectStore,
  message: Msg,
  maxBytes: number,
): Promise<string> {
  return decodeText(await unpackBytes(claims, message, maxBytes));
}

/** @throws {AppError} `invalid` when it is not UTF-8 */
export function decodeText(bytes: Uint8Array): string {
  try {
    return decodeUtf8(bytes);
  } catch (cause) {
    throw new AppError("invalid", "Cannot read the payload: it is not UTF-8", {
      hint: "Send JSON; bytes go as base64 with isBase64Encoded",
      cause,
    });
  }
}

async function redeem(
  claims: ObjectStore,
  name: string,
  maxBytes: number,
): Promise<Uint8Array> {
  parse(ClaimName, name, `the header ${HEADER.claim}`);
  // Whoever is refused does not come back for it.
  try {
    return await claims.get(name, maxBytes);
  } finally {
    await claims.remove(name);
  }
}
