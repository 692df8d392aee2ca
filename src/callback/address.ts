/**
 * Which addresses are of the public internet: the IANA special-purpose
 * registries (RFC 6890) say which are not. What is not known is refused.
 */
import { BlockList, isIPv4, isIPv6 } from "node:net";

const SPECIAL_V4: [network: string, prefix: number][] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  // Metadata services of clouds live here too.
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.31.196.0", 24],
  ["192.52.193.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["192.175.48.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];

/** The only block that is given out for global unicast (RFC 4291 §2.4). */
const GLOBAL_V6: [network: string, prefix: number] = ["2000::", 3];

const SPECIAL_V6: [network: string, prefix: number][] = [
  // Teredo, benchmarking, ORCHID and others; some hold an IPv4 address.
  ["2001::", 23],
  ["2001:db8::", 32],
  // 6to4 holds an IPv4 address.
  ["2002::", 16],
  ["2620:4f:8000::", 48],
  ["3fff::", 20],
];

const specialV4 = listOf(SPECIAL_V4, "ipv4");
const specialV6 = listOf(SPECIAL_V6, "ipv6");
const globalV6 = listOf([GLOBAL_V6], "ipv6");

export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !specialV4.check(address, "ipv4");
  if (!isIPv6(address) || address.includes("%")) return false;
  return globalV6.check(address, "ipv6") && !specialV6.check(address, "ipv6");
}

function listOf(
  networks: [network: string, prefix: number][],
  family: "ipv4" | "ipv6",
): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of networks) {
    list.addSubnet(network, prefix, family);
  }
  return list;
}
