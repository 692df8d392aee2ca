/** Listeners on the host's loopback, which no sandbox must reach. */
import { createSocket } from "node:dgram";
import { once } from "node:events";

export interface HostListeners extends AsyncDisposable {
  /** For the function: where they listen. */
  query: { ports: string; udp: string };
  /** What came, from whomever. */
  received: string[];
}

/** @param others Ports of the stack that it must not reach either. */
export async function hostListeners(
  others: (string | number)[],
): Promise<HostListeners> {
  const received: string[] = [];
  const tcp = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = (async () => {
    for await (const connection of tcp) {
      received.push("a connection");
      connection.close();
    }
  })();
  const udp = createSocket("udp4");
  udp.on("message", (bytes: Uint8Array) => {
    received.push(new TextDecoder().decode(bytes));
  });
  udp.bind(0, "127.0.0.1");
  await once(udp, "listening");
  return {
    received,
    query: {
      ports: [tcp.addr.port, ...others].join(","),
      udp: String(udp.address().port),
    },
    async [Symbol.asyncDispose]() {
      tcp.close();
      udp.close();
      await accepting.catch(() => {});
    },
  };
}
