import { strictEqual } from "node:assert";
import fc from "fast-check";
import { isPublicAddress } from "../../src/callback/address.ts";

const REFUSED = [
  "0.0.0.0",
  "10.1.2.3",
  "100.64.0.1",
  "127.0.0.1",
  "127.255.255.254",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.0.192",
  "192.0.2.1",
  "192.168.1.1",
  "198.18.0.1",
  "198.51.100.7",
  "203.0.113.7",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::ffff:127.0.0.1",
  "::ffff:10.0.0.1",
  "::ffff:8.8.8.8",
  "64:ff9b::7f00:1",
  "100::1",
  "2001::1",
  "2001:db8::1",
  "2002:7f00:1::",
  "fc00::1",
  "fd00:ec2::254",
  "fe80::1",
  "fe80::1%eth0",
  "ff02::1",
  "localhost",
  "",
  "1.2.3",
  "0x7f.0.0.1",
  "2606:2800::1%1",
];

for (const address of REFUSED) {
  Deno.test(`isPublicAddress() refuses "${address}"`, () => {
    strictEqual(isPublicAddress(address), false);
  });
}

for (
  const address of [
    "8.8.8.8",
    "172.15.255.255",
    "172.32.0.1",
    "93.184.216.34",
    "2606:2800:220:1::1",
    "2a00:1450:4001::1",
  ]
) {
  Deno.test(`isPublicAddress() takes ${address}`, () => {
    strictEqual(isPublicAddress(address), true);
  });
}

Deno.test("isPublicAddress() takes nothing of private blocks, and no text that is no address", () => {
  const byte = fc.integer({ min: 0, max: 255 });
  fc.assert(fc.property(byte, byte, byte, (a, b, c) => {
    for (
      const address of [
        `10.${a}.${b}.${c}`,
        `127.${a}.${b}.${c}`,
        `192.168.${a}.${b}`,
        `169.254.${a}.${b}`,
        `::ffff:${a}.${b}.${c}.1`,
        `fd${a.toString(16).padStart(2, "0")}::${b.toString(16)}`,
      ]
    ) strictEqual(isPublicAddress(address), false, address);
  }));
  fc.assert(fc.property(fc.string(), (text) => {
    if (!/^[0-9a-fA-F.:]+$/.test(text)) {
      strictEqual(isPublicAddress(text), false);
    }
  }));
});
