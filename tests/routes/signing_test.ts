/** Signed invokes: what is let in, and what is not. */
import { match, ok, strictEqual } from "node:assert";
import { createHmac } from "node:crypto";
import { SIGNATURE_WINDOW_MS } from "../../src/contracts/signature.ts";
import { KEY, type TestGateway, testGateway } from "../support/gateway.ts";

const SECRET = "s".repeat(32);
const BODY = '{"amount":12}';

/** As docs/security.md says it, not as our code does it. */
function sign(body: string, timestamp = String(Date.now()), secret = SECRET) {
  const signature = createHmac("sha256", secret)
    .update(`${timestamp}.${body}`).digest("hex");
  return {
    "oche-timestamp": timestamp,
    "oche-signature": `v1=${signature}`,
  };
}

async function signedFunction(
  settings: { public?: boolean } = {},
): Promise<TestGateway> {
  const gateway = testGateway();
  await gateway.deployed("pay", settings);
  const stored = await gateway.call(
    "PUT",
    "/api/functions/pay/signing-secret",
    { body: JSON.stringify({ secret: SECRET }) },
  );
  strictEqual((await stored.json()).secret, SECRET);
  const changed = await gateway.call("PATCH", "/api/functions/pay", {
    body: JSON.stringify({ signed: true }),
  });
  strictEqual((await changed.json()).settings.signed, true);
  return gateway;
}

Deno.test("a signed request is let in once, through /fn and through the envelope", async () => {
  const gateway = await signedFunction();
  for (const path of ["/fn/pay", "/api/functions/pay/invoke"]) {
    const headers = sign(path === "/fn/pay" ? BODY : "{}");
    const init = { body: path === "/fn/pay" ? BODY : "{}", headers };
    strictEqual((await gateway.call("POST", path, init)).status, 200);
    const again = await gateway.call("POST", path, init);
    strictEqual(again.status, 401);
    match((await again.json()).detail, /was used before/);
  }
  strictEqual(gateway.invocations.length, 2);
});

Deno.test("a request without a body is signed over the timestamp alone", async () => {
  const gateway = await signedFunction();
  const { status } = await gateway.call("GET", "/fn/pay", {
    headers: sign(""),
  });
  strictEqual(status, 200);
});

Deno.test("a client that exchanges its secret may send two signatures", async () => {
  const gateway = await signedFunction();
  const timestamp = String(Date.now());
  const young = sign(BODY, timestamp, "y".repeat(32));
  const old = sign(BODY, timestamp);
  const { status } = await gateway.call("POST", "/fn/pay", {
    body: BODY,
    headers: {
      ...old,
      "oche-signature": `${young["oche-signature"]}, ${old["oche-signature"]}`,
    },
  });
  strictEqual(status, 200);
});

const now = Date.now();
const REFUSED: [
  why: string,
  headers: () => Record<string, string>,
  detail: RegExp,
][] = [
  ["is not signed", () => ({}), /it is not signed/],
  [
    "has a timestamp alone",
    () => ({ "oche-timestamp": String(Date.now()) }),
    /it is not signed/,
  ],
  [
    "has a signature alone",
    () => ({ "oche-signature": sign(BODY)["oche-signature"] }),
    /it is not signed/,
  ],
  ["is signed over another body", () => sign('{"amount":13}'), /is wrong/],
  [
    "is signed with another secret",
    () => sign(BODY, undefined, "x".repeat(32)),
    /is wrong/,
  ],
  [
    "carries another timestamp than was signed",
    () => ({ ...sign(BODY), "oche-timestamp": String(Date.now() + 1) }),
    /is wrong/,
  ],
  [
    "is too old",
    () => sign(BODY, String(now - SIGNATURE_WINDOW_MS - 60_000)),
    /too far/,
  ],
  [
    "is of the future",
    () => sign(BODY, String(now + SIGNATURE_WINDOW_MS + 60_000)),
    /too far/,
  ],
  [
    "counts in seconds",
    () => sign(BODY, String(Math.floor(now / 1_000))),
    /milliseconds/,
  ],
  [
    "has a longer signature",
    () => {
      const headers = sign(BODY);
      return { ...headers, "oche-signature": `${headers["oche-signature"]}0` };
    },
    /is wrong/,
  ],
  [
    "has a signature of another kind",
    () => {
      const headers = sign(BODY);
      const v2 = headers["oche-signature"].replace("v1", "v2");
      return { ...headers, "oche-signature": v2 };
    },
    /is wrong/,
  ],
];

for (const [why, headers, detail] of REFUSED) {
  Deno.test(`a request that ${why} is refused with 401, and does not run`, async () => {
    const gateway = await signedFunction({ public: true });
    const refused = await gateway.call("POST", "/fn/pay", {
      key: "",
      body: BODY,
      headers: headers(),
    });
    strictEqual(refused.status, 401);
    match((await refused.json()).detail, detail);
    strictEqual(gateway.invocations.length, 0);
  });
}

Deno.test("a public function needs the signature alone, a private one the key too", async () => {
  const open = await signedFunction({ public: true });
  const init = () => ({ key: "", body: BODY, headers: sign(BODY) });
  strictEqual((await open.call("POST", "/fn/pay", init())).status, 200);
  const closed = await signedFunction();
  strictEqual((await closed.call("POST", "/fn/pay", init())).status, 401);
});

Deno.test("a function that asks for signatures and has no secret refuses all", async () => {
  const gateway = await signedFunction();
  const { status } = await gateway.call(
    "DELETE",
    "/api/functions/pay/signing-secret",
  );
  strictEqual(status, 204);
  const refused = await gateway.call("POST", "/fn/pay", {
    body: BODY,
    headers: sign(BODY),
  });
  strictEqual(refused.status, 401);
  const { title, detail, hint } = await refused.json();
  strictEqual(title, "Not authenticated");
  match(detail, /no secret yet/);
  match(hint, /oche signing-secret/);
});

Deno.test("the secret is made when none is given, and shown by nothing else", async () => {
  const gateway = testGateway();
  await gateway.deployed("pay");
  const made = await gateway.call("PUT", "/api/functions/pay/signing-secret");
  const { secret } = await made.json();
  match(secret, /^ochesig_[\w-]{43}$/);
  const shown = await gateway.call("GET", "/api/functions/pay");
  ok(!(await shown.text()).includes(secret));
  const short = await gateway.call("PUT", "/api/functions/pay/signing-secret", {
    body: JSON.stringify({ secret: "short" }),
  });
  strictEqual(short.status, 400);
  const read = await gateway.call("PUT", "/api/functions/pay/signing-secret", {
    key: KEY.invoke,
  });
  strictEqual(read.status, 403);
});

Deno.test("a deleted function's secret goes with it", async () => {
  const gateway = await signedFunction();
  const { id } = (await gateway.deps.registry.list())[0] ?? {};
  await gateway.call("DELETE", "/api/functions/pay");
  strictEqual(await gateway.deps.secrets.get(`sign.${id}`), undefined);
});
