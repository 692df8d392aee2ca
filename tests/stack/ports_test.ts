/** Free and taken ports. */
import { strictEqual, throws } from "node:assert";
import { assertPortFree, freePort, isPortFree } from "../../src/stack/ports.ts";

Deno.test("assertPortFree() refuses a port in use and says what to do", () => {
  const port = freePort();
  strictEqual(isPortFree(port), true);
  assertPortFree(port);
  using _listener = Deno.listen({ port, hostname: "127.0.0.1" });
  strictEqual(isPortFree(port), false);
  throws(() => assertPortFree(port), {
    code: "conflict",
    message: `Cannot listen on 127.0.0.1:${port}: the port is in use`,
    hint: /OCHE_PORT/,
  });
});

Deno.test("assertPortFree() refuses an address of another machine", () => {
  throws(() => assertPortFree(0, "192.0.2.1"), {
    code: "invalid",
    message: /^Cannot listen on 192\.0\.2\.1:0/,
  });
});
