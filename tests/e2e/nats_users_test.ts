/** A whole stack, seen by a service that connects to its NATS. */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { connectNats } from "../../src/nats/connect.ts";
import { INBOX } from "../../src/contracts/nats_user.ts";
import { plainFunction } from "../support/project.ts";
import { startTestStack } from "../support/stack.ts";

Deno.test("a service invokes, and neither deploys nor reads what is stored", async () => {
  await using stack = await startTestStack("podman", {
    OCHE_SERVICE_SUBJECTS: "orders.>",
  });
  const echo = plainFunction("    return CloudResponse.json(request.body);");
  strictEqual((await stack.deploy("echo", echo)).status, 201);

  const nc = await connectNats(
    stack.natsServiceUrl,
    "test-service",
    INBOX.service,
  );
  try {
    const answer = await nc.request("functions.invoke.echo", '{"body":[1]}', {
      timeout: 30_000,
    });
    deepStrictEqual(
      answer.json<{ body: unknown }>().body,
      [1],
      answer.string(),
    );

    const [{ id = "" } = {}] = (await (await stack.call(
      "GET",
      "/api/functions",
    )).json()).functions;
    const timeout = 2_000;
    const js = jetstream(nc, { timeout });
    await rejects(js.publish(`functions.deploy.${id}`, "{}"));
    await rejects(nc.request("functions.validate", "{}", { timeout }));
    await rejects(jetstreamManager(nc, { timeout }));
    const blind = await new Kvm(js).open("oche_functions");
    await rejects(blind.get(`fn.${id}`));
    await rejects(blind.put("name.echo", "{}"));
    await rejects(
      nc.request(
        "$JS.API.STREAM.MSG.GET.KV_oche_functions",
        `{"last_by_subj":"$KV.oche_functions.fn.${id}"}`,
        { timeout },
      ),
    );
    // What is stored is there for the operator.
    const kv = await new Kvm(stack.nc).open("oche_functions");
    ok((await kv.get(`fn.${id}`))?.string().includes("echo"));

    // Nothing was deployed meanwhile.
    const versions = await stack.call("GET", "/api/functions/echo/versions");
    strictEqual((await versions.json()).versions.length, 1);
  } finally {
    await nc.close();
  }
});
