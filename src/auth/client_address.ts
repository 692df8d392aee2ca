/** Whose request it is: the socket's address, or what a trusted proxy says. */
import { BlockList, isIP } from "node:net";
import type { ProxyHeader, Subnet } from "../contracts/access.ts";

/** Of a header that names proxies; what is further away is not looked at. */
const MAX_HOPS = 32;

export type ClientAddress = (socket: string, headers: Headers) => string;

/**
 * Reads the header from its end, where the nearest proxy wrote: the first
 * address that is not a trusted proxy's is the client's. Of the two headers one
 * is believed, since proxies write one and pass the other on as it came.
 */
export function clientAddress(
  proxies: readonly Subnet[],
  header: ProxyHeader,
): ClientAddress {
  if (proxies.length === 0) return (socket) => socket;
  const trusted = new BlockList();
  for (const { address, prefix, family } of proxies) {
    trusted.addSubnet(address, prefix, family);
  }
  function isTrusted(address: string): boolean {
    const family = isIP(address);
    return family !== 0 &&
      trusted.check(address, family === 4 ? "ipv4" : "ipv6");
  }

  return (socket, headers) => {
    if (!isTrusted(socket)) return socket;
    const hops = (headers.get(header) ?? "").split(",").slice(-MAX_HOPS);
    let nearest = socket;
    for (const hop of hops.reverse()) {
      const address = header === "forwarded" ? forwardedFor(hop) : bare(hop);
      if (isIP(address) === 0) return nearest;
      nearest = address;
      if (!isTrusted(address)) return nearest;
    }
    return nearest;
  };
}

/** The `for` of one element (RFC 7239 §5.2). */
function forwardedFor(element: string): string {
  const [, quoted, plain] = /(?:^|;)\s*for=(?:"([^"]*)"|([^;\s]*))/i.exec(
    element.trim(),
  ) ?? [];
  return bare(quoted ?? plain ?? "");
}

/** An address without brackets and port. */
function bare(text: string): string {
  const node = text.trim();
  const [, bracketed] = /^\[([^\]]*)\](?::\d+)?$/.exec(node) ?? [];
  if (bracketed !== undefined) return bracketed;
  const [, v4] = /^([\d.]+):\d+$/.exec(node) ?? [];
  return v4 ?? node;
}

/**
 * What one client holds many of counts as one: an IPv6 /64, and an IPv4 address
 * however it is written.
 */
export function limitedAs(address: string): string {
  const [, mapped] = /^::ffff:([\d.]+)$/i.exec(address) ?? [];
  if (mapped !== undefined) return mapped;
  return isIP(address) === 6 ? network64(address) : address;
}

function network64(address: string): string {
  const [head = "", tail] = address.split("%")[0]?.split("::") ?? [];
  const before = head === "" ? [] : head.split(":");
  const after = tail ? tail.split(":") : [];
  const missing = tail === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array(Math.max(0, missing)).fill("0"), ...after]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16));
  return `${groups.join(":")}::/64`;
}
