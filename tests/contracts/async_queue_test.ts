import { deepStrictEqual, ok, strictEqual } from "node:assert";
import {
  AsyncMessage,
  writtenMessage,
} from "../../src/contracts/async_queue.ts";
import { encodeBase64 } from "../../src/contracts/base64.ts";
import { decodeBody } from "../../src/contracts/body.ts";

const encoder = new TextEncoder();

function message(type: string, bytes: Uint8Array, keepsBytes: boolean) {
  return AsyncMessage.parse({
    functionId: "a0000000-0000-4000-8000-000000000000",
    invocationId: "i",
    source: { type: "webhook" },
    request: {
      headers: { "content-type": type },
      ...decodeBody(bytes, type),
      ...(keepsBytes && { rawBody: encodeBase64(bytes) }),
    },
  });
}

const BODIES: [type: string, text: string][] = [
  ["application/json", '{ "a": [1.0, "é"] }'],
  ["application/json", "null"],
  ["application/json", "{nope"],
  ["text/plain", "line\r\n"],
];

for (const [type, text] of BODIES) {
  Deno.test(`a message writes a body of ${JSON.stringify(text)} once, and reads it as it was`, () => {
    const before = message(type, encoder.encode(text), true);
    const written = JSON.stringify(writtenMessage(before));
    strictEqual(JSON.parse(written).request.body, null);
    deepStrictEqual(AsyncMessage.parse(JSON.parse(written)), before);
  });
}

Deno.test("a message without the bytes of its body writes the body", () => {
  const before = message("application/json", encoder.encode('{"a":1}'), false);
  strictEqual(writtenMessage(before), before);
  const image = message("image/png", Uint8Array.of(0, 255), false);
  ok(image.request.isBase64Encoded);
  deepStrictEqual(
    AsyncMessage.parse(JSON.parse(JSON.stringify(writtenMessage(image)))),
    image,
  );
});
