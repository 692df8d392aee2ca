import { deepStrictEqual, rejects, throws } from "node:assert";
import { connectNats, parseNatsUrl } from "../../src/nats/connect.ts";

Deno.test("parseNatsUrl() refuses a percent sign that encodes nothing", () => {
  throws(() => parseNatsUrl("nats://a:10%@h"), { code: "invalid" });
});

Deno.test("parseNatsUrl() takes credentials out of the URL", () => {
  deepStrictEqual(parseNatsUrl("nats://a%40b:p%3A%2F@127.0.0.1:4333"), {
    servers: ["127.0.0.1:4333"],
    user: "a@b",
    pass: "p:/",
  });
});

Deno.test("parseNatsUrl() takes several servers and a default port", () => {
  deepStrictEqual(parseNatsUrl("nats://a:1, nats://b"), {
    servers: ["a:1", "b:4222"],
  });
});

for (const url of ["", "http://a", "nats//a", "a:4222"]) {
  Deno.test(`parseNatsUrl() refuses ${JSON.stringify(url)}`, () => {
    throws(() => parseNatsUrl(url), { code: "invalid" });
  });
}

Deno.test("connectNats() says unavailable where nobody listens", async () => {
  await rejects(connectNats("nats://127.0.0.1:1", "test"), {
    code: "unavailable",
  });
});
