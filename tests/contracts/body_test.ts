import { deepStrictEqual } from "node:assert";
import { bodySize, decodeBody, encodeBody } from "../../src/contracts/body.ts";
import { CloudResponse } from "../../src/contracts/cloud.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

const DECODED = [
  { it: "nothing", bytes: utf8(""), type: "application/json", body: null },
  {
    it: "JSON",
    bytes: utf8('{"a":1}'),
    type: "application/json",
    body: { a: 1 },
  },
  {
    it: "JSON with parameters, in capitals",
    bytes: utf8("[1]"),
    type: "Application/JSON; charset=utf-8",
    body: [1],
  },
  {
    it: "a +json type",
    bytes: utf8('"x"'),
    type: "application/cloudevents+json",
    body: "x",
  },
  {
    it: "invalid JSON as text",
    bytes: utf8("{nope"),
    type: "application/json",
    body: "{nope",
  },
  { it: "text", bytes: utf8("hé"), type: "text/plain", body: "hé" },
  {
    it: "a form as text",
    bytes: utf8("a=1&b=2"),
    type: "application/x-www-form-urlencoded",
    body: "a=1&b=2",
  },
  {
    it: "text of another charset",
    bytes: new Uint8Array([0x68, 0xe9]),
    type: "text/plain; charset=iso-8859-1",
    body: "hé",
  },
  {
    it: "text that is not UTF-8 as base64",
    bytes: new Uint8Array([0xff, 0xfe]),
    type: "text/plain",
    body: "//4=",
    base64: true,
  },
  {
    it: "bytes as base64",
    bytes: new Uint8Array([0, 1, 255]),
    type: "application/octet-stream",
    body: "AAH/",
    base64: true,
  },
  {
    it: "bytes without a type as base64",
    bytes: utf8("hi"),
    type: undefined,
    body: "aGk=",
    base64: true,
  },
];

for (const { it, bytes, type, body, base64 } of DECODED) {
  Deno.test(`decodeBody() reads ${it}`, () => {
    deepStrictEqual(
      decodeBody(bytes, type),
      base64 ? { body, isBase64Encoded: true } : { body },
    );
  });
}

const ENCODED = [
  {
    it: "null as nothing",
    answer: { body: null },
    bytes: null,
    type: undefined,
  },
  {
    it: "an object as JSON",
    answer: { body: { a: 1 } },
    bytes: '{"a":1}',
    type: "application/json",
  },
  {
    it: "a number as JSON",
    answer: { body: 7 },
    bytes: "7",
    type: "application/json",
  },
  {
    it: "a string as it is",
    answer: { body: "hi" },
    bytes: "hi",
    type: "text/plain; charset=utf-8",
  },
  {
    it: "a string of a JSON type as it is",
    answer: { body: "[1]", headers: { "content-type": "application/json" } },
    bytes: "[1]",
    type: "text/plain; charset=utf-8",
  },
  {
    it: "a string of CloudResponse.json() in quotes",
    answer: { body: "hi", encoding: "json" },
    bytes: '"hi"',
    type: "application/json",
  },
  {
    it: "base64 as bytes",
    answer: { body: "AAH/", isBase64Encoded: true },
    bytes: new Uint8Array([0, 1, 255]),
    type: "application/octet-stream",
  },
];

for (const { it, answer, bytes, type } of ENCODED) {
  Deno.test(`encodeBody() writes ${it}`, () => {
    const response = CloudResponse.parse({ statusCode: 200, ...answer });
    deepStrictEqual(encodeBody(response), { bytes, defaultType: type });
  });
}

const SIZES: [
  what: string,
  value: Parameters<typeof bodySize>[0],
  size: number,
][] = [
  ["nothing", { body: null }, 0],
  ["a string by its bytes", { body: "é" }, 2],
  ["base64 by what it holds", { body: "AAH/", isBase64Encoded: true }, 3],
  ["an object by its JSON", { body: { a: "é" } }, 10],
];

for (const [what, value, size] of SIZES) {
  Deno.test(`bodySize() counts ${what}`, () => {
    deepStrictEqual(bodySize(value), size);
  });
}
