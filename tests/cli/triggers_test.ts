import { deepStrictEqual, match, strictEqual } from "node:assert";
import { oche } from "../support/oche.ts";
import { tempDir } from "../support/temp_dir.ts";

const VIEW = {
  id: "a0000000-0000-4000-8000-000000000001",
  functionId: "a0000000-0000-4000-8000-000000000000",
  name: "gh",
  function: "hello",
  type: "webhook",
  provider: "github",
  enabled: true,
  url: "http://oche.test/hooks/gh",
  createdAt: "2026-01-01T00:00:00.000Z",
  updatedAt: "2026-01-01T00:00:00.000Z",
};

interface Row {
  argv: string[];
  answer: unknown;
  request: string;
  body?: unknown;
  out: RegExp;
}

const ROWS: Row[] = [
  {
    argv: [
      ...["triggers", "add", "hello", "gh", "--type", "webhook"],
      ...["--provider", "github", "--secret", "s e c r e t"],
      ...["--event", "push", "--event", "release", "--mode", "sync"],
    ],
    answer: { id: VIEW.id, name: "gh", url: VIEW.url },
    request: "POST /api/functions/hello/triggers",
    body: {
      name: "gh",
      type: "webhook",
      provider: "github",
      secret: "s e c r e t",
      events: ["push", "release"],
      mode: "sync",
    },
    out: /^gh is added: http:\/\/oche\.test\/hooks\/gh\n$/,
  },
  {
    argv: [
      ...["triggers", "add", "hello", "any", "--type", "webhook"],
      ...["--provider", "hmac", "--set", 'signature={"header":"x-sig"}'],
      ...["--set", "toleranceSeconds=60", "--paused"],
    ],
    answer: { id: VIEW.id, name: "any", url: VIEW.url, secret: "made" },
    request: "POST /api/functions/hello/triggers",
    body: {
      name: "any",
      type: "webhook",
      provider: "hmac",
      enabled: false,
      signature: { header: "x-sig" },
      toleranceSeconds: 60,
    },
    out: /Its secret, shown this once: made\n$/,
  },
  {
    argv: ["triggers", "list"],
    answer: { triggers: [VIEW, { ...VIEW, enabled: false }] },
    request: "GET /api/triggers",
    out: /^NAME +TYPE.*\ngh +webhook +hello +active +github http.*\n.*paused/,
  },
  {
    argv: ["triggers", "list", "hello"],
    answer: { triggers: [] },
    request: "GET /api/functions/hello/triggers",
    out: /^No triggers\n$/,
  },
  {
    argv: ["triggers", "show", "gh"],
    answer: { ...VIEW, events: ["push"] },
    request: "GET /api/triggers/gh",
    out: /events +\["push"\]/,
  },
  {
    argv: ["triggers", "pause", "gh"],
    answer: { ...VIEW, enabled: false },
    request: "PATCH /api/triggers/gh",
    body: { enabled: false },
    out: /^gh is paused\n$/,
  },
  {
    argv: ["triggers", "resume", "gh", "--json"],
    answer: VIEW,
    request: "PATCH /api/triggers/gh",
    body: { enabled: true },
    out: /^\{"id":.*\}\n$/,
  },
  {
    argv: ["triggers", "set", "gh", "mode=sync", "events=null"],
    answer: VIEW,
    request: "PATCH /api/triggers/gh",
    body: { mode: "sync", events: null },
    out: /^gh is changed\n$/,
  },
  {
    argv: [
      ...["triggers", "rotate", "gh", "--secret", "the new one"],
      ...["--previous-seconds", "60"],
    ],
    answer: VIEW,
    request: "PATCH /api/triggers/gh",
    body: { secret: "the new one", previousSecretSeconds: 60 },
    out: /^gh has a new secret\n$/,
  },
];

for (const { argv, answer, request, body, out } of ROWS) {
  Deno.test(`oche ${argv.join(" ")}`, async () => {
    const outcome = await oche(argv, { answer: () => Response.json(answer) });
    strictEqual(outcome.code, 0, outcome.err);
    const [sent] = outcome.requests;
    strictEqual(
      `${sent?.method} ${new URL(sent?.url ?? "").pathname}`,
      request,
    );
    if (body !== undefined) deepStrictEqual(await sent?.json(), body);
    match(outcome.out, out);
  });
}

Deno.test("oche triggers remove asks for that, and needs no body back", async () => {
  const outcome = await oche(["triggers", "remove", "gh"], {
    answer: () => new Response(null, { status: 204 }),
  });
  strictEqual(outcome.requests[0]?.method, "DELETE");
  strictEqual(outcome.out, "gh is removed\n");
});

Deno.test("a secret in a file is taken without its last line break", async () => {
  await using folder = await tempDir();
  await Deno.writeTextFile(`${folder.path}/secret.txt`, " spaces stay \n");
  const outcome = await oche(
    ["triggers", "rotate", "gh", "--secret", "@secret.txt"],
    { answer: () => Response.json(VIEW), cwd: folder.path },
  );
  strictEqual((await outcome.requests[0]?.json()).secret, " spaces stay ");
});

Deno.test("oche triggers add without a type says so", async () => {
  const outcome = await oche(["triggers", "add", "hello", "gh"]);
  strictEqual(outcome.code, 2);
  match(outcome.err, /--type/);
});
