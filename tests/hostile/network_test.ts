/** A network that the operator approved: for the function that asks for it alone. */
import { deepStrictEqual, strictEqual } from "node:assert";
import { request } from "node:http";
import { z } from "zod";
import { ENGINES } from "../support/engines.ts";
import { plainFunction } from "../support/project.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { PATIENT, until } from "../support/until.ts";

const DATABASE_URL = "postgres://user:secret@database/x";

const CLIENT = plainFunction(
  `
    var reached = 'nothing';
    try {
      final socket = await Socket.connect(request.query['host'], int.parse(request.query['port']!));
      reached = await utf8.decodeStream(socket);
      socket.destroy();
    } on SocketException catch (error) {
      reached = 'refused';
    }
    return CloudResponse.json({
      'reached': reached,
      'url': env?['DATABASE_URL'],
    });`,
  { imports: "import 'dart:convert';\nimport 'dart:io';" },
);

const NetworkView = z.object({
  IPAM: z.object({ Config: z.array(z.object({ Gateway: z.string() })) }),
});

/** A function, or why not. */
const Configured = z.object({
  settings: z.object({ network: z.string().optional() }).optional(),
  code: z.string().optional(),
  detail: z.string().optional(),
});

for (const engine of ENGINES) {
  Deno.test(`an approved network on ${engine}`, async (t) => {
    const network = `oche-test-${crypto.randomUUID().slice(0, 8)}`;
    await using stack = await startTestStack(engine, {
      ...PATIENT,
      OCHE_NETWORKS: `${network},missing`,
      OCHE_DATABASE_URL: DATABASE_URL,
    });
    const { engineSocket } = stack;
    await ask(engineSocket, "POST", "/networks/create", {
      Name: network,
      Driver: "bridge",
      Internal: true,
    });
    const view = NetworkView.parse(
      await ask(engineSocket, "GET", `/networks/${network}`),
    );
    // The host's own end of the network plays the database.
    const host = view.IPAM.Config[0]?.Gateway ?? "";
    using database = greeter();
    const query = { host, port: String(database.port) };
    for (const name of ["inside", "outside"]) {
      strictEqual((await stack.deploy(name, CLIENT)).status, 201);
    }

    await t.step("no function is in it of itself", async () => {
      deepStrictEqual((await stack.invoke("inside", { query })).body, {
        reached: "refused",
        url: null,
      });
    });
    await t.step("what is not approved is refused", async () => {
      for (
        const [name, code] of [["other", "forbidden"], ["host", "invalid"]]
      ) {
        const problem = await configure(stack, name ?? "");
        strictEqual(problem.code, code, problem.detail);
      }
    });
    await t.step(
      "one that was let in reaches it, with the secret",
      async () => {
        const changed = await configure(stack, network);
        strictEqual(changed.settings?.network, network, changed.detail);
        await until(async () => {
          const { body } = await stack.invoke("inside", { query });
          return body?.reached === "database" && body.url === DATABASE_URL;
        });
      },
    );
    await t.step("the other functions stay outside", async () => {
      deepStrictEqual((await stack.invoke("outside", { query })).body, {
        reached: "refused",
        url: null,
      });
    });
    await t.step("a network that is missing is named", async () => {
      await configure(stack, "missing");
      await until(async () => {
        const { code, detail } = await stack.invoke("inside", { query });
        return code === "unavailable" && /network is missing/.test(detail);
      });
    });
    await t.step("a function that is out again has neither", async () => {
      await configure(stack, null);
      await until(async () => {
        const { body } = await stack.invoke("inside", { query });
        return body?.reached === "refused" && body.url === null;
      });
    });
    await t.step(
      "no sandbox stays in it",
      () =>
        until(() =>
          ask(engineSocket, "DELETE", `/networks/${network}`)
            .then(() => true, () => false)
        ),
    );
  });
}

/** Says a word to whoever connects. */
function greeter(): Disposable & { port: number } {
  const listener = Deno.listen({ port: 0 });
  void (async () => {
    for await (const connection of listener) {
      await connection.write(new TextEncoder().encode("database"));
      connection.close();
    }
  })();
  return {
    port: listener.addr.port,
    [Symbol.dispose]: () => listener.close(),
  };
}

async function configure(
  stack: TestStack,
  network: string | null,
): Promise<z.output<typeof Configured>> {
  const response = await stack.call("PATCH", "/api/functions/inside", {
    body: JSON.stringify({ network }),
  });
  return Configured.parse(await response.json());
}

/** The engine's API (Docker Engine API, "Network"), which has no part in the runtime. */
function ask(
  socketPath: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? "" : JSON.stringify(body);
    const asked = request({
      socketPath,
      method,
      path,
      headers: {
        "content-type": "application/json",
        "content-length": new TextEncoder().encode(text).length,
      },
    }, async (response) => {
      let answer = "";
      for await (const chunk of response) answer += chunk;
      if ((response.statusCode ?? 500) < 300) {
        resolve(answer && JSON.parse(answer));
      } else reject(new Error(`${method} ${path}: ${answer}`));
    });
    asked.on("error", reject);
    asked.end(text);
  });
}
