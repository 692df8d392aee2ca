/** No mutated delivery is taken, of any provider; the delivery itself is, each time. */
import { doesNotThrow, throws } from "node:assert";
import fc from "fast-check";
import { type Provider, PROVIDERS } from "../../../src/contracts/webhook.ts";
import { verifyDelivery } from "../../../src/trigger/webhook/receive.ts";
import {
  arrived,
  SECRETS,
  send,
  type Sent,
  webhookTrigger,
} from "../../support/webhooks.ts";

/** Of each provider; every run makes each mutation that the provider has. */
const RUNS = 1_000;

/** Where a provider's proof is. */
const PROOF: Record<Provider, string> = {
  github: "x-hub-signature-256",
  stripe: "stripe-signature",
  slack: "x-slack-signature",
  standard: "webhook-signature",
  hmac: "x-signature",
  token: "x-token",
};

/** What else a signature covers. */
const COVERED: Record<Provider, string[]> = {
  github: [],
  stripe: [],
  slack: ["x-slack-request-timestamp"],
  standard: ["webhook-timestamp", "webhook-id"],
  hmac: ["x-timestamp"],
  token: [],
};

interface Dice {
  at: number;
  byte: number;
  edit: "change" | "insert" | "remove" | "cut";
  seconds: number;
}

const dice: fc.Arbitrary<Dice> = fc.record({
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  byte: fc.integer({ min: 1, max: 255 }),
  edit: fc.constantFrom("change", "insert", "remove", "cut"),
  seconds: fc.oneof(
    fc.integer({ min: -299, max: -1 }),
    fc.integer({ min: 1, max: 299 }),
  ),
});

/** Other bytes than before. */
function mutateBytes(body: string, { at, byte, edit }: Dice): Uint8Array {
  const bytes = [...new TextEncoder().encode(body)];
  const index = Math.floor(at * bytes.length);
  if (edit === "change") bytes[index] = (bytes[index] ?? 0) ^ byte;
  if (edit === "insert") bytes.splice(index, 0, byte);
  if (edit === "remove") bytes.splice(index, 1);
  if (edit === "cut") bytes.length = index;
  return Uint8Array.from(bytes);
}

/** Another text of printable characters, also without regard to case. */
function mutateText(text: string, { at, byte, edit }: Dice): string {
  const index = Math.floor(at * text.length);
  const old = text.charAt(index).toLowerCase();
  const other = "0123456789abcdef+/=,~".replace(old, "");
  const char = other.charAt(byte % other.length);
  const [before, after] = [text.slice(0, index), text.slice(index + 1)];
  switch (edit) {
    case "change":
      return before + char + after;
    case "insert":
      return before + char + text.slice(index);
    case "remove":
      return before + after;
    case "cut":
      return before;
  }
}

async function forgeries(
  provider: Provider,
  sent: Sent,
  rolled: Dice,
): Promise<[what: string, Sent][]> {
  const { headers } = sent;
  const body = String(sent.body);
  const proof = headers[PROOF[provider]] ?? "";
  const other = mutateText(SECRETS[provider].replace("whsec_", ""), rolled) ||
    "~";
  const secret = provider === "standard" ? `whsec_${btoa(other)}` : other;
  const shifted = new Date(Date.now() + rolled.seconds * 1_000);
  const made: [string, Sent][] = [
    ["proof", {
      body,
      headers: { ...headers, [PROOF[provider]]: mutateText(proof, rolled) },
    }],
    ["secret", await send(provider, body, { secret })],
  ];
  if (provider !== "token") {
    made.push(
      ["body", { body: mutateBytes(body, rolled), headers }],
      // The headers of another delivery, signed with the right secret.
      ["transplant", {
        body,
        headers: (await send(provider, `${body} `)).headers,
      }],
    );
  }
  for (const name of COVERED[provider]) {
    const before = headers[name] ?? "";
    const value = name.includes("timestamp")
      ? String(Number(before) + rolled.seconds)
      : mutateText(before, rolled);
    made.push([name, { body, headers: { ...headers, [name]: value } }]);
  }
  if (provider === "stripe") {
    const [, signature] = proof.split(",");
    const moved = `t=${Math.floor(shifted.getTime() / 1_000)},${signature}`;
    made.push(["t", {
      body,
      headers: { ...headers, "stripe-signature": moved },
    }]);
  }
  if (provider !== "github" && provider !== "token") {
    const stale = new Date(
      Date.now() - (301 + Math.abs(rolled.seconds)) * 1_000,
    );
    made.push(["stale", await send(provider, body, { at: stale })]);
  }
  return made;
}

for (const provider of PROVIDERS) {
  Deno.test(`${provider}: 0 of ${RUNS} forged deliveries of each kind are taken`, async () => {
    const trigger = webhookTrigger(provider);
    const secrets = [SECRETS[provider]];
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 }),
        dice,
        async (body, rolled) => {
          const sent = await send(provider, body);
          doesNotThrow(() => verifyDelivery(trigger, arrived(sent), secrets));
          for (
            const [what, forged] of await forgeries(provider, sent, rolled)
          ) {
            throws(
              () => verifyDelivery(trigger, arrived(forged), secrets),
              { code: "unauthenticated" },
              `${what} ${JSON.stringify(forged)}`,
            );
          }
        },
      ),
      { numRuns: RUNS },
    );
  });
}
