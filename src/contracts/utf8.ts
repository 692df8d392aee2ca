/** Texts in UTF-8 (RFC 3629), taken only when they are that. */

// Making one for every text would cost more than most texts do.
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** Without a byte order mark. @throws {TypeError} when it is not UTF-8 */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
