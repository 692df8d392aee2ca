/** Who may reach the gateway how often, and from where: settings of the operator. */
import { isIP } from "node:net";
import { z } from "zod";

export interface Rate {
  perSecond: number;
  /** How many may come at once after a quiet time. */
  burst: number;
}

const RATE = /^(\d{1,7})\/([smh])(?: burst (\d{1,7}))?$/;
const SECONDS = { s: 1, m: 60, h: 3_600 } as const;

/** `100/s`, `600/m burst 50`; without a burst, as many as in that time. */
export const Rate = z.string().transform((text, context): Rate => {
  const [, count, unit, burst] = RATE.exec(text) ?? [];
  const perSecond = Number(count) / SECONDS[unit as keyof typeof SECONDS];
  const rate = { perSecond, burst: Number(burst ?? count) };
  if (perSecond > 0 && rate.burst > 0) return rate;
  context.addIssue({
    code: "custom",
    message: `"${text}" is no rate such as 100/s or 600/m burst 50`,
  });
  return z.NEVER;
});

export interface Subnet {
  address: string;
  family: "ipv4" | "ipv6";
  prefix: number;
}

/** Addresses and CIDR blocks, by commas. */
export const Subnets = z.string().transform((text, context): Subnet[] =>
  text.split(",").map((each) => {
    const [address = "", suffix] = each.trim().split("/");
    const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
    const prefix = suffix === undefined ? bits : Number(suffix);
    if (bits === 0 || !/^\d+$/.test(suffix ?? "0") || prefix > bits) {
      context.addIssue({
        code: "custom",
        message: `"${each}" is no address or block such as 10.0.0.0/8`,
      });
    }
    return { address, family: bits === 32 ? "ipv4" : "ipv6", prefix };
  })
);

/** Origins (RFC 6454) by commas, or `*`. */
export const Origins = z.string().transform((text, context): string[] =>
  text.split(",").map((each) => {
    const origin = each.trim();
    if (origin !== "*" && URL.parse(origin)?.origin !== origin) {
      context.addIssue({
        code: "custom",
        message: `"${origin}" is no origin such as https://example.com`,
      });
    }
    return origin;
  })
);

export const PROXY_HEADERS = ["x-forwarded-for", "forwarded"] as const;
export type ProxyHeader = typeof PROXY_HEADERS[number];
