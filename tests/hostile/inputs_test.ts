/**
 * Hostile input from outside, against a real gateway and runtime: nobody
 * crashes or hangs, each refusal is a problem with a hint, and nothing of one
 * request is seen by another.
 */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { jetstream } from "@nats-io/jetstream";
import { headers as natsHeaders } from "@nats-io/nats-core";
import { Objm } from "@nats-io/obj";
import { BUCKET } from "../../src/nats/subject.ts";
import { readState } from "../../src/stack/state.ts";
import { plainFunction } from "../support/project.ts";
import { talk } from "../support/raw_http.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { until } from "../support/until.ts";
import { HTTP_ROWS, type HttpRow, LIMITS, SLOW_ROWS } from "./inputs/http.ts";
import { NATS_ROWS, type NatsRow, SILENT_ROWS } from "./inputs/nats.ts";
import { checkRefusal, tellsNothing } from "./inputs/row.ts";

/** Longer than any limit of the stack; an answer that takes so long is none. */
const PATIENCE_MS = 60_000;
/** What stays open for want of a limit is closed by the test. */
const IDLE_CONNECTIONS = 100;

const ECHO = plainFunction(`
    print('path \${request.path}');
    return CloudResponse.json({
      'method': request.method,
      'path': request.path,
      'headers': request.headers,
      'query': request.query,
      'body': request.body,
    });`);

function withKey(
  bytes: string | Uint8Array,
  key: string,
): string | Uint8Array {
  return typeof bytes === "string"
    ? bytes.replaceAll("KEY", key)
    : bytesWithKey(
      bytes,
      key,
    );
}

/** The bytes stay as they are, whatever their encoding. */
function bytesWithKey(bytes: Uint8Array, key: string): Uint8Array {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return Uint8Array.from(
    text.replaceAll("Bearer KEY", `Bearer ${key}`),
    (char) => char.charCodeAt(0),
  );
}

async function pids(stack: TestStack): Promise<string> {
  const state = await readState(stack.home);
  return JSON.stringify(state?.children.map(({ name, pid }) => [name, pid]));
}

async function logsOf(stack: TestStack): Promise<string> {
  const [gateway, runtime] = await Promise.all(
    ["gateway", "runtime"].map((name) =>
      Deno.readTextFile(`${stack.home}/${name}.log`)
    ),
  );
  return `${gateway}${runtime}`;
}

async function checkHttp(stack: TestStack, row: HttpRow): Promise<void> {
  const answer = await talk(stack.url, withKey(row.send, stack.key), {
    patienceMs: PATIENCE_MS,
    untilFirst: row.isUnread ?? false,
  });
  tellsNothing(answer.text);
  ok(answer.ended !== "silent", answer.text);
  ok(answer.count <= 1, answer.text);
  if (row.refused) return checkRefusal(answer.body, answer.status, row.refused);
  if (row.by === "server") {
    ok(
      answer.status === undefined || answer.status === 400 ||
        answer.status === 431,
      answer.text,
    );
    return;
  }
  const allowed = row.status ?? [200];
  ok(answer.status && allowed.includes(answer.status), answer.text);
  if (row.text) match(answer.body, row.text);
  row.sees?.(JSON.parse(answer.body));
}

async function checkNats(
  { nc }: TestStack,
  { subject, payload, headers = {}, claim, refused, sees }: NatsRow,
): Promise<void> {
  const h = natsHeaders();
  for (const [name, value] of Object.entries(headers)) h.append(name, value);
  let data = payload;
  if (claim) {
    const name = crypto.randomUUID();
    const bucket = await new Objm(jetstream(nc)).open(BUCKET.claims);
    await bucket.putBlob({ name }, claim);
    if (typeof payload === "string") data = payload.replace("CLAIM", name);
    else h.append("Oche-Claim", name);
  }
  const reply = await nc.request(subject, data, {
    headers: h,
    timeout: PATIENCE_MS,
  });
  const text = reply.string();
  if (refused) {
    checkRefusal(
      text,
      Number(reply.headers?.get("Nats-Service-Error-Code")),
      refused,
    );
    return;
  }
  const { statusCode, body } = JSON.parse(text);
  strictEqual(statusCode, 200, text);
  sees?.(body);
}

async function isHealthy(stack: TestStack): Promise<void> {
  const answer = await stack.invoke("echo", { path: "/healthy" });
  strictEqual(answer.body?.path, "/healthy", JSON.stringify(answer));
}

Deno.test("hostile input over HTTP and NATS", async (t) => {
  await using stack = await startTestStack("podman", LIMITS);
  const { id } = await (await stack.deploy("echo", ECHO)).json();
  const before = await pids(stack);

  await t.step(
    "bodies that never end are answered when their time is up",
    async () => {
      const idle = await Promise.all(
        Array.from({ length: IDLE_CONNECTIONS }, async () => {
          const { hostname, port } = new URL(stack.url);
          const each = await Deno.connect({ hostname, port: Number(port) });
          await each.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHos"));
          return each;
        }),
      );
      await Promise.all([
        isHealthy(stack),
        ...SLOW_ROWS.map(async ([it, send]) => {
          const answer = await talk(stack.url, withKey(send, stack.key), {
            patienceMs: PATIENCE_MS,
            untilFirst: true,
          });
          ok(answer.ended !== "silent", it);
          checkRefusal(answer.body, answer.status, {
            code: "invalid",
            says: /did not arrive within 1.5 s/,
          });
        }),
      ]);
      for (const each of idle) each.close();
      await isHealthy(stack);
    },
  );

  for (const row of HTTP_ROWS) {
    await t.step(
      `HTTP: ${row.it}, stopped by ${row.by}`,
      () => checkHttp(stack, row),
    );
  }
  await t.step("nothing that was smuggled ran", async () => {
    const { logs } = await (await stack.call(
      "GET",
      "/api/functions/echo/logs?limit=10000",
    )).json();
    const text = JSON.stringify(logs);
    match(text, /path \/healthy/);
    ok(!text.includes("smuggled"));
  });

  for (const row of NATS_ROWS) {
    await t.step(`NATS: ${row.it}`, () => checkNats(stack, row));
  }
  await t.step(
    "NATS: messages that nobody answers leave all as it is",
    async () => {
      for (const { subject, reply, payload = "" } of SILENT_ROWS) {
        const fill = (text: string) => text.replaceAll("ID", id);
        stack.nc.publish(fill(subject), fill(payload), {
          ...(reply && { reply: fill(reply) }),
        });
      }
      await stack.nc.flush();
      await isHealthy(stack);
      // Deploys are taken one after the other: this one comes after all of them.
      strictEqual((await stack.deploy("after", ECHO)).status, 201);
      const logs = await stack.call(
        "GET",
        "/api/functions/echo/logs?limit=10000",
      );
      strictEqual(logs.status, 200);
      ok(!(await logs.text()).includes("forged"));
      const { current } = await (await stack.call("GET", "/api/functions/echo"))
        .json();
      strictEqual(current, 1);
    },
  );

  await t.step(
    "one archive deployed many times at once is one version",
    async () => {
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => stack.deploy("same", ECHO)),
      );
      const views = await Promise.all(answers.map((each) => each.json()));
      deepStrictEqual(
        [...new Set(views.map(({ version }) => version))],
        [1],
        JSON.stringify(views),
      );
      const { versions } =
        await (await stack.call("GET", "/api/functions/same/versions")).json();
      strictEqual(versions.length, 1);
    },
  );

  await t.step(
    "several archives of one name at once: the last one serves",
    async () => {
      const answers = await Promise.all(
        [1, 2, 3].map((n) =>
          stack.deploy(
            "race",
            plainFunction(`    return CloudResponse.text('v${n}');`),
          )
        ),
      );
      for (const each of answers) {
        strictEqual(
          each.status,
          201,
          await each.text(),
        );
      }
      const { current, latest } =
        await (await stack.call("GET", "/api/functions/race")).json();
      deepStrictEqual([current, latest], [3, 3]);
    },
  );

  await t.step(
    "a function deleted while it is deployed: both are answered",
    async () => {
      const [deployed, deleted] = await Promise.all([
        stack.deploy("gone", ECHO),
        (async () => {
          await until(async () =>
            (await stack.call("DELETE", "/api/functions/gone")).status === 204
          );
        })(),
      ]);
      ok([201, 404, 409].includes(deployed.status), await deployed.text());
      strictEqual(deleted, undefined);
      strictEqual((await stack.deploy("gone", ECHO)).status, 201);
      strictEqual(
        (await stack.call("DELETE", "/api/functions/gone")).status,
        204,
      );
    },
  );

  await t.step(
    "all programs are the same as before, and none complained",
    async () => {
      await isHealthy(stack);
      strictEqual(await pids(stack), before);
      const logs = await logsOf(stack);
      for (const line of logs.split("\n")) {
        ok(!/nobody handled|Cannot answer a request/.test(line), line);
      }
      ok(!logs.includes(stack.key));
      const claims = await new Objm(jetstream(stack.nc)).open(BUCKET.claims);
      deepStrictEqual(await claims.list(), [], "a claim was left");
    },
  );
});
