/** Each scheme against what the providers publish, and what their libraries send. */
import {
  deepStrictEqual,
  doesNotThrow,
  strictEqual,
  throws,
} from "node:assert";
import { sign as signGithub } from "@octokit/webhooks-methods";
import { Webhook } from "standardwebhooks";
import Stripe from "stripe";
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { PROVIDERS } from "../../../src/contracts/webhook.ts";
import { verifyDelivery } from "../../../src/trigger/webhook/receive.ts";
import {
  arrived,
  SECRETS,
  send,
  webhookTrigger,
} from "../../support/webhooks.ts";

const UNAUTHENTICATED = { code: "unauthenticated" };

Deno.test("github: the example of its documentation", () => {
  const delivery = arrived({
    body: "Hello, World!",
    headers: {
      "X-Hub-Signature-256":
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
    },
  });
  const trigger = webhookTrigger("github");
  doesNotThrow(() =>
    verifyDelivery(trigger, delivery, ["It's a Secret to Everybody"])
  );
  throws(
    () => verifyDelivery(trigger, delivery, ["It's a Secret to Nobody"]),
    UNAUTHENTICATED,
  );
});

Deno.test("slack: the example of its documentation", () => {
  const delivery = arrived({
    body: "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&" +
      "team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&" +
      "user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&" +
      "text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2F" +
      "T1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&" +
      "trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
    headers: {
      "X-Slack-Signature":
        "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
      "X-Slack-Request-Timestamp": "1531420618",
    },
  }, { receivedAt: 1_531_420_618_000 });
  strictEqual(
    verifyDelivery(webhookTrigger("slack"), delivery, [
      "8f742231b10e8888abcd99yyyzzz85a5",
    ]),
    "1531420618",
  );
});

Deno.test("standard: the example of the specification's libraries", () => {
  const delivery = arrived({
    body: '{"test": 2432232314}',
    headers: {
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    },
  }, { receivedAt: 1_614_265_330_000 });
  strictEqual(
    verifyDelivery(webhookTrigger("standard"), delivery, [
      "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ]),
    "1614265330",
  );
});

for (const provider of PROVIDERS) {
  Deno.test(`${provider}: what the sender signs is taken, and not with another secret`, async () => {
    const trigger = webhookTrigger(provider);
    const delivery = arrived(await send(provider, '{"é":"✓ \\u0000"}'));
    doesNotThrow(() => verifyDelivery(trigger, delivery, [SECRETS[provider]]));
    throws(
      () =>
        verifyDelivery(trigger, delivery, ["whsec_AAAAAAAAAAAAAAAAAAAAAAAA"]),
      UNAUTHENTICATED,
    );
    throws(() => verifyDelivery(trigger, delivery, []), UNAUTHENTICATED);
  });

  Deno.test(`${provider}: two secrets are good at once`, async () => {
    const trigger = webhookTrigger(provider);
    const old = provider === "standard"
      ? `whsec_${btoa("an old secret of old times")}`
      : "an old secret of old times";
    for (const secret of [old, SECRETS[provider]]) {
      const delivery = arrived(await send(provider, "{}", { secret }));
      doesNotThrow(() =>
        verifyDelivery(trigger, delivery, [SECRETS[provider], old])
      );
    }
  });

  Deno.test(`${provider}: nothing that proves it is 401`, () => {
    const delivery = arrived({ body: "{}", headers: {} });
    throws(
      () =>
        verifyDelivery(webhookTrigger(provider), delivery, [SECRETS[provider]]),
      UNAUTHENTICATED,
    );
  });
}

for (const provider of ["stripe", "slack", "standard", "hmac"] as const) {
  Deno.test(`${provider}: only within the tolerance, either way`, async () => {
    const trigger = webhookTrigger(provider, { toleranceSeconds: 60 });
    const at = new Date("2026-03-01T12:00:00Z");
    const sent = await send(provider, "{}", { at });
    for (
      const [seconds, isTaken] of [
        [0, true],
        [60, true],
        [61, false],
        [-60, true],
        [-61, false],
        [86_400, false],
      ] as const
    ) {
      const receivedAt = at.getTime() + seconds * 1_000;
      const delivery = arrived(sent, { receivedAt });
      const verify = () =>
        verifyDelivery(trigger, delivery, [SECRETS[provider]]);
      if (isTaken) doesNotThrow(verify, `${seconds}`);
      else throws(verify, /within 60 s/, `${seconds}`);
    }
  });
}

Deno.test("stripe: the older secret's signature counts while both are sent", async () => {
  const trigger = webhookTrigger("stripe");
  const timestamp = Math.floor(Date.now() / 1_000);
  const headers = await Promise.all(
    [SECRETS.stripe, "whsec_other"].map((secret) =>
      Stripe.webhooks.generateTestHeaderStringAsync({
        payload: "{}",
        secret,
        timestamp,
      })
    ),
  );
  const both = [headers[1], headers[0]?.split(",")[1]].join(",");
  const delivery = arrived({
    body: "{}",
    headers: { "stripe-signature": both },
  });
  doesNotThrow(() => verifyDelivery(trigger, delivery, [SECRETS.stripe]));
});

const STRIPE_FORGED = [
  ["a scheme of tests", (t: number, mac: string) => `t=${t},v0=${mac}`],
  ["no timestamp", (_: number, mac: string) => `v1=${mac}`],
  ["two timestamps", (t: number, mac: string) => `t=1,t=${t},v1=${mac}`],
  ["no signature", (t: number) => `t=${t}`],
  ["nothing at all", () => ",,=,="],
] as const;

for (const [it, header] of STRIPE_FORGED) {
  Deno.test(`stripe: a header with ${it} is refused`, () => {
    const timestamp = Math.floor(Date.now() / 1_000);
    const mac = createHmac("sha256", SECRETS.stripe).update(`${timestamp}.{}`)
      .digest("hex");
    const delivery = arrived({
      body: "{}",
      headers: { "stripe-signature": header(timestamp, mac) },
    });
    throws(
      () =>
        verifyDelivery(webhookTrigger("stripe"), delivery, [SECRETS.stripe]),
      UNAUTHENTICATED,
    );
  });
}

Deno.test("standard: one of several signatures is enough, and svix's names are read", () => {
  const at = new Date();
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  const signature = new Webhook(SECRETS.standard).sign("msg_1", at, "{}");
  const others = "v1a,aGVsbG8= v1,aGVsbG8=";
  for (const prefix of ["webhook", "svix"]) {
    const delivery = arrived({
      body: "{}",
      headers: {
        [`${prefix}-id`]: "msg_1",
        [`${prefix}-timestamp`]: timestamp,
        [`${prefix}-signature`]: `${others} ${signature}`,
      },
    });
    const trigger = webhookTrigger("standard");
    doesNotThrow(() => verifyDelivery(trigger, delivery, [SECRETS.standard]));
  }
});

Deno.test("standard: a secret that is no key proves nothing", () => {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  for (const secret of ["!!!!!!!!", "whsec_", "It's a Secret", "whsec_AAAA"]) {
    // What a decoder makes of it, down to no bytes at all.
    const key = Buffer.from(secret.replace("whsec_", ""), "base64");
    const mac = createHmac("sha256", key).update(`1.${timestamp}.{}`)
      .digest("base64");
    const delivery = arrived({
      body: "{}",
      headers: {
        "webhook-id": "1",
        "webhook-timestamp": timestamp,
        "webhook-signature": `v1,${mac}`,
      },
    });
    throws(
      () => verifyDelivery(webhookTrigger("standard"), delivery, [secret]),
      UNAUTHENTICATED,
      secret,
    );
  }
});

const BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);

Deno.test("a signature is over the bytes, text or not", () => {
  const mac = createHmac("sha256", SECRETS.github).update(BYTES).digest("hex");
  const headers = { "x-hub-signature-256": `sha256=${mac}` };
  const trigger = webhookTrigger("github");
  const secrets = [SECRETS.github];
  doesNotThrow(() =>
    verifyDelivery(trigger, arrived({ body: BYTES, headers }), secrets)
  );
  // What a decoder would make of them is something else.
  const lossy = new TextEncoder().encode(new TextDecoder().decode(BYTES));
  throws(
    () => verifyDelivery(trigger, arrived({ body: lossy, headers }), secrets),
    UNAUTHENTICATED,
  );
});

const SCHEMES = [
  {
    like: "Shopify",
    signature: {
      header: "x-shopify-hmac-sha256",
      algorithm: "sha256",
      encoding: "base64",
      prefix: "",
    },
    payload: "{body}",
  },
  {
    like: "an old GitHub",
    signature: {
      header: "x-hub-signature",
      algorithm: "sha1",
      encoding: "hex",
      prefix: "sha1=",
    },
    payload: "{body}",
  },
  {
    like: "Slack",
    signature: {
      header: "x-slack-signature",
      algorithm: "sha256",
      encoding: "hex",
      prefix: "v0=",
      timestampHeader: "x-time",
      payload: "v0:{timestamp}:{body}",
    },
    payload: "v0:{timestamp}:{body}",
  },
  {
    like: "Paystack",
    signature: {
      header: "x-paystack-signature",
      algorithm: "sha512",
      encoding: "hex",
      prefix: "",
    },
    payload: "{body}",
  },
  {
    like: "Standard Webhooks",
    signature: {
      header: "x-sig",
      algorithm: "sha256",
      encoding: "base64",
      prefix: "v1,",
      timestampHeader: "x-time",
      payload: "{delivery}.{timestamp}.{body}",
    },
    payload: "{delivery}.{timestamp}.{body}",
  },
] as const;

for (const { like, signature, payload } of SCHEMES) {
  Deno.test(`hmac: a scheme like ${like}'s`, () => {
    const trigger = webhookTrigger("hmac", {
      signature,
      deliveryHeader: "x-delivery",
    });
    const time = String(Date.now());
    const signed = payload.replace("{timestamp}", time)
      .replace("{delivery}", "d-1").replace("{body}", '{"a":1}');
    const mac = createHmac(signature.algorithm, SECRETS.hmac).update(signed)
      .digest(signature.encoding);
    const headers = {
      [signature.header]: signature.prefix + mac,
      "x-time": time,
      "x-delivery": "d-1",
    };
    const secrets = [SECRETS.hmac];
    const good = arrived({ body: '{"a":1}', headers });
    doesNotThrow(() => verifyDelivery(trigger, good, secrets));
    const bad = arrived({ body: '{"a":2}', headers });
    throws(() => verifyDelivery(trigger, bad, secrets), UNAUTHENTICATED);
    if (signature.encoding === "hex") {
      const capitals = arrived({
        body: '{"a":1}',
        headers: {
          ...headers,
          [signature.header]: signature.prefix + mac.toUpperCase(),
        },
      });
      doesNotThrow(() => verifyDelivery(trigger, capitals, secrets));
    }
  });
}

const TOKENS = [
  { token: undefined, headers: { "x-token": SECRETS.token }, query: "" },
  {
    token: { in: "header", name: "X-Gitlab-Token" },
    headers: { "x-gitlab-token": SECRETS.token },
    query: "",
  },
  {
    token: { in: "authorization" },
    headers: { authorization: `Bearer ${SECRETS.token}` },
    query: "",
  },
  { token: { in: "query" }, headers: {}, query: `token=${SECRETS.token}` },
  {
    token: { in: "query", name: "key" },
    headers: {},
    query: `key=${SECRETS.token}`,
  },
] as const;

for (const { token, headers, query } of TOKENS) {
  Deno.test(`token: in ${JSON.stringify(token)}`, () => {
    const trigger = webhookTrigger("token", { token });
    const secrets = [SECRETS.token];
    const sent = { body: "", headers: { ...headers } };
    doesNotThrow(() =>
      verifyDelivery(trigger, arrived(sent, { query }), secrets)
    );
    throws(
      () =>
        verifyDelivery(trigger, arrived({ body: "", headers: {} }), secrets),
      UNAUTHENTICATED,
    );
  });
}

Deno.test("what is signed here is what GitHub's library signs", async () => {
  const mac = createHmac("sha256", SECRETS.github).update("é").digest("hex");
  deepStrictEqual(await signGithub(SECRETS.github, "é"), `sha256=${mac}`);
});
