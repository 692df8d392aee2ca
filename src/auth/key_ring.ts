/** All keys of a gateway: the installation's own, and the stored ones. */
import type { ApiKey, KeyRing, KeyStore } from "../contracts/key.ts";
import type { Registry } from "../contracts/port.ts";
import { type RateLimit, tooOften } from "./rate_limit.ts";

export function keyRing({ adminSha256, stored, registry, limit }: {
  adminSha256: string;
  stored: Pick<KeyStore, "find">;
  registry: Pick<Registry, "find">;
  /** Undefined: a key may be used as often as its holder likes. */
  limit?: RateLimit | undefined;
}): KeyRing {
  const admin: ApiKey = {
    id: "admin",
    name: "admin key of the installation",
    sha256: adminSha256,
    scopes: ["admin"],
    createdAt: new Date(0).toISOString(),
  };
  return {
    find: (sha256) => sha256 === adminSha256 ? admin : stored.find(sha256),
    nameOf: async (ref) => (await registry.find(ref))?.name,
    admit({ id }) {
      const wait = limit?.take(id, performance.now()) ?? 0;
      if (wait > 0) throw tooOften("key", wait);
    },
  };
}
