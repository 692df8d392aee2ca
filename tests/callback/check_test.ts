import { strictEqual, throws } from "node:assert";
import { checkCallback } from "../../src/callback/check.ts";
import { parseHosts } from "../../src/callback/hosts.ts";

const HOSTS = parseHosts("example.com, *.hooks.test, api.test:8443");

for (
  const url of [
    "https://example.com/done?x=1",
    "http://example.com",
    "https://EXAMPLE.com./x",
    "https://a.hooks.test/",
    "https://a.b.hooks.test/",
    "https://api.test:8443/",
  ]
) {
  Deno.test(`a callback to ${url} is let through where it is listed`, () => {
    checkCallback({ url }, HOSTS);
  });
}

const REFUSED: [url: string, code: string][] = [
  ["https://other.com/", "forbidden"],
  ["https://sub.example.com/", "forbidden"],
  ["https://hooks.test/", "forbidden"],
  ["https://evilhooks.test/", "forbidden"],
  ["https://example.com.evil.com/", "forbidden"],
  ["https://example.com:8443/", "forbidden"],
  ["https://api.test/", "forbidden"],
  ["https://127.0.0.1/", "forbidden"],
  ["https://2130706433/", "forbidden"],
  ["https://[::1]/", "forbidden"],
  ["https://user:pw@example.com/", "invalid"],
  ["https://example.com@evil.com/", "invalid"],
  ["ftp://example.com/", "invalid"],
  ["file:///etc/passwd", "invalid"],
  ["javascript:alert(1)", "invalid"],
  ["nope", "invalid"],
  ["", "invalid"],
  [`https://example.com/${"x".repeat(3_000)}`, "invalid"],
];

for (const [url, code] of REFUSED) {
  Deno.test(`a callback to "${url.slice(0, 60)}" is ${code}`, () => {
    throws(() => checkCallback({ url }, HOSTS), { code });
  });
}

Deno.test("without a list no host is called", () => {
  throws(() => checkCallback({ url: "https://example.com" }, parseHosts("")), {
    code: "forbidden",
  });
});

for (
  const subject of [
    "functions.invoke.hello",
    "$JS.API.STREAM.DELETE.OCHE_ASYNC",
    "$KV.oche_functions.x",
    "$SYS.REQ.SERVER.PING",
    "_INBOX.abc",
    "orders.*",
    "orders.>",
    "or ders",
    ".orders",
    "orders..done",
    "",
    "a\r\nPUB x 0",
    "x".repeat(300),
  ]
) {
  const shown = JSON.stringify(subject.slice(0, 40));
  Deno.test(`a callback on the subject ${shown} is refused`, () => {
    throws(() => checkCallback({ subject }, HOSTS), { code: "invalid" });
  });
}

Deno.test("a callback on a subject of one's own is let through", () => {
  checkCallback({ subject: "orders.done" }, HOSTS);
});

for (const text of ["a b", "https://x", "*.", "x:99999", "*"]) {
  Deno.test(`parseHosts() refuses "${text}"`, () => {
    throws(() => parseHosts(text), { code: "invalid" });
  });
}

Deno.test("parseHosts() reads names, patterns and ports", () => {
  strictEqual(HOSTS.length, 3);
});
