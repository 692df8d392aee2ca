/** The network as callbacks use it: names resolved by the system, addresses dialled. */
import { lookup } from "node:dns/promises";
import type { CallbackDeps } from "./tell.ts";

export const network: Pick<CallbackDeps, "resolve" | "connect"> = {
  async resolve(host) {
    const found = await lookup(host, { all: true });
    return found.map(({ address }) => address);
  },

  async connect({ address, host, port, isTls }, signal) {
    const plain = await Deno.connect({ hostname: address, port, signal });
    if (!isTls) return plain;
    // The plain connection is the encrypted one's from here on.
    const tls = await Deno.startTls(plain, { hostname: host });
    try {
      // Its certificate is part of the promise of who is told.
      await tls.handshake();
      return tls;
    } catch (error) {
      tls.close();
      throw error;
    }
  },
};
