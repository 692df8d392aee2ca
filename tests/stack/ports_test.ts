/** Free and taken ports. */
import { rejects, strictEqual, throws } from "node:assert";
import {
  assertPortFree,
  freePort,
  isPortFree,
  onFreePort,
} from "../../src/stack/ports.ts";

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

Deno.test("onFreePort() tries another port when somebody else was faster, and nothing else again", async () => {
  using scope = new DisposableStack();
  const listen = (port: number) =>
    scope.use(Deno.listen({ port, hostname: "127.0.0.1" }));
  const ports: number[] = [];
  const listener = await onFreePort((port) => {
    if (ports.push(port) === 1) listen(port);
    return new Promise<Deno.TcpListener>((resolve) => resolve(listen(port)));
  });
  strictEqual(ports.length, 2);
  strictEqual(listener.addr.port, ports[1]);
  let tries = 0;
  await rejects(
    onFreePort(() => Promise.reject(new Error(`no luck ${++tries}`))),
    /no luck 1$/,
  );
});
