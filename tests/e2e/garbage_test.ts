/** What is not needed any more goes, and what is not ours stays. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { jetstream } from "@nats-io/jetstream";
import { Objm } from "@nats-io/obj";
import { dockerEngine } from "../../runtime/engine/docker.ts";
import { packContext } from "../../runtime/image/context.ts";
import { LABEL } from "../../runtime/labels.ts";
import { harden } from "../../runtime/sandbox/hardening.ts";
import { BUCKET } from "../../src/nats/subject.ts";
import { ENGINES } from "../support/engines.ts";
import { plainFunction } from "../support/project.ts";
import { startTestStack } from "../support/stack.ts";
import { until } from "../support/until.ts";

const FOREIGN_IMAGE = "localhost/somebody/image:1";

/** An image of one line, from one that is there. */
function foreignContext(base: string): Promise<Uint8Array> {
  return packContext(
    new Map([
      ["Dockerfile", new TextEncoder().encode(`FROM ${base}\nUSER 1\n`)],
    ]),
  );
}

const version = (n: number) =>
  plainFunction(`    return CloudResponse.text('v${n}');`);

for (const name of ENGINES) {
  Deno.test(`versions beyond the kept number go on ${name}, foreign images and containers stay`, async () => {
    await using stack = await startTestStack(name, { OCHE_KEEP_VERSIONS: "1" });
    const engine = dockerEngine({ socketPath: stack.engineSocket });
    strictEqual((await stack.deploy("kept", version(1))).status, 201);
    const { versions: [first] } =
      await (await stack.call("GET", "/api/functions/kept/versions")).json();
    // Somebody else's: an image of their own, and a container of our image.
    for await (
      const _ of engine.buildImage({
        tag: FOREIGN_IMAGE,
        labels: { "somebody.else": "yes" },
        context: await foreignContext(first.image),
        signal: AbortSignal.timeout(60_000),
      })
    );
    const foreign = await engine.create({
      name: "somebody-elses",
      image: first.image,
      labels: { "somebody.else": "yes" },
      workingDir: "/",
      binds: [],
      ...harden({
        memoryMb: 64,
        cpus: 0.5,
        pidsLimit: 64,
        maxFileBytes: 1_000,
      }),
    });

    for (const n of [2, 3, 4]) {
      strictEqual((await stack.deploy("kept", version(n))).status, 201);
    }
    const numbers = async () =>
      (await (await stack.call("GET", "/api/functions/kept/versions")).json())
        .versions.map(({ version }: { version: number }) => version);
    await until(async () => JSON.stringify(await numbers()) === "[3,4]");
    // Podman fails to list while an image goes; who polls asks again.
    const tags = async () =>
      (await engine.listImages({ [LABEL.role]: "image" }).catch(() => []))
        .map(({ tag }) => tag).filter((tag) => tag !== FOREIGN_IMAGE);
    // The second's is gone; the first's has a container of somebody's.
    await until(async () => (await tags()).length === 3);
    ok(await engine.hasImage(first.image));
    ok(await engine.hasImage(FOREIGN_IMAGE));
    deepStrictEqual(
      (await engine.list({ "somebody.else": "yes" })).map(({ id }) => id),
      [foreign],
    );

    await engine.remove(foreign);
    await until(async () => (await tags()).length === 2);
    const js = jetstream(stack.nc);
    const objects = async (bucket: string) =>
      (await (await new Objm(js).open(bucket)).list()).length;
    // What an image was made of goes after it.
    for (const bucket of [BUCKET.archives, BUCKET.artefacts]) {
      await until(async () => await objects(bucket) === 2);
    }

    strictEqual(await (await stack.call("GET", "/fn/kept")).text(), "v4");
    const back = await stack.call("POST", "/api/functions/kept/rollback");
    strictEqual(back.status, 200, await back.text());
    strictEqual(await (await stack.call("GET", "/fn/kept")).text(), "v3");
    const gone = await stack.call("GET", "/fn/kept", {
      headers: { "oche-version": "1" },
    });
    strictEqual(gone.status, 404, await gone.text());
    // What was removed can be deployed again, as a version of its own.
    const again = await stack.deploy("kept", version(1));
    strictEqual((await again.json()).version, 5);
  });
}
