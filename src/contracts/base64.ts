/** Bytes of texts: their number, and base64 (RFC 4648 §4). */
import { Buffer } from "node:buffer";

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString("base64");
}

export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, "base64"));
}

/** Of a text in UTF-8. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text);
}
