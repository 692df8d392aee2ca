/** Whose address counts, whatever the headers say. */
import { strictEqual } from "node:assert";
import { clientAddress, limitedAs } from "../../src/auth/client_address.ts";
import { Subnets } from "../../src/contracts/access.ts";

const PROXIES = Subnets.parse("10.0.0.0/8, 192.0.2.1, fd00::/8");

const ROWS: [why: string, socket: string, header: string, client: string][] = [
  ["no proxy is there", "198.51.100.7", "", "198.51.100.7"],
  ["a stranger names another", "198.51.100.7", "1.1.1.1", "198.51.100.7"],
  ["a trusted proxy names the client", "10.1.2.3", "1.1.1.1", "1.1.1.1"],
  [
    "the client wrote before the proxy",
    "10.1.2.3",
    "9.9.9.9, 1.1.1.1",
    "1.1.1.1",
  ],
  [
    "there are two trusted proxies",
    "10.1.2.3",
    "9.9.9.9, 1.1.1.1, 192.0.2.1",
    "1.1.1.1",
  ],
  ["the proxy says nothing", "10.1.2.3", "", "10.1.2.3"],
  ["the proxy says rubbish", "10.1.2.3", "1.1.1.1, rubbish", "10.1.2.3"],
  ["the address has a port", "10.1.2.3", "1.1.1.1:4711", "1.1.1.1"],
  ["it is IPv6 with a port", "fd00::1", "[2001:db8::1]:80", "2001:db8::1"],
  ["it is IPv6 without brackets", "fd00::1", "2001:db8::1", "2001:db8::1"],
  ["all are trusted", "10.1.2.3", "10.0.0.9, 10.0.0.8", "10.0.0.9"],
  ["the socket is IPv4 in IPv6", "::ffff:10.1.2.3", "1.1.1.1", "1.1.1.1"],
];

for (const [why, socket, header, client] of ROWS) {
  Deno.test(`X-Forwarded-For when ${why}`, () => {
    const headers = new Headers({
      "x-forwarded-for": header,
      forwarded: "for=8.8.8.8",
    });
    strictEqual(
      clientAddress(PROXIES, "x-forwarded-for")(socket, headers),
      client,
    );
  });
}

const FORWARDED: [header: string, client: string][] = [
  ["for=1.1.1.1", "1.1.1.1"],
  ['proto=https;For="[2001:db8::1]:80";by=10.0.0.1', "2001:db8::1"],
  ["for=9.9.9.9, for=1.1.1.1;proto=http", "1.1.1.1"],
  ["for=_hidden", "10.1.2.3"],
  ["for=unknown, for=10.0.0.2", "10.0.0.2"],
  ["by=1.1.1.1", "10.1.2.3"],
];

for (const [header, client] of FORWARDED) {
  Deno.test(`Forwarded: ${header}`, () => {
    const headers = new Headers({
      forwarded: header,
      "x-forwarded-for": "8.8.8.8",
    });
    strictEqual(
      clientAddress(PROXIES, "forwarded")("10.1.2.3", headers),
      client,
    );
  });
}

Deno.test("without trusted proxies no header counts", () => {
  const headers = new Headers({ "x-forwarded-for": "1.1.1.1" });
  strictEqual(
    clientAddress([], "x-forwarded-for")("127.0.0.1", headers),
    "127.0.0.1",
  );
});

const LIMITED: [address: string, as: string][] = [
  ["1.2.3.4", "1.2.3.4"],
  ["::ffff:1.2.3.4", "1.2.3.4"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:DB8:1:2::9", "2001:db8:1:2::/64"],
  ["2001:0db8::1", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
];

for (const [address, as] of LIMITED) {
  Deno.test(`${address} is limited as ${as}`, () => {
    strictEqual(limitedAs(address), as);
  });
}
