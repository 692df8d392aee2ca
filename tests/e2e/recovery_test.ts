/** What the machine lacks for a while: an image. */
import { match, notStrictEqual, ok, strictEqual } from "node:assert";
import Docker from "dockerode";
import { Kvm } from "@nats-io/kv";
import { BUCKET } from "../../src/nats/subject.ts";
import { KvRegistry } from "../../src/store/registry.ts";
import { dockerEngine } from "../../runtime/engine/docker.ts";
import { LABEL } from "../../runtime/labels.ts";
import { removeSandboxes } from "../support/engines.ts";
import { plainFunction } from "../support/project.ts";
import { startTestStack } from "../support/stack.ts";
import { PATIENT, until } from "../support/until.ts";

const HELLO = plainFunction("    return CloudResponse.text('hello');");

Deno.test("an image that was removed is built again at the next call", async () => {
  await using stack = await startTestStack("podman", {
    ...PATIENT,
    OCHE_PREWARMED: "0",
  });
  strictEqual((await stack.deploy("hello", HELLO)).status, 201);
  const engine = dockerEngine({ socketPath: stack.engineSocket });
  await removeSandboxes(engine);
  const [image] = await engine.listImages({ [LABEL.role]: "image" });
  await engine.removeImage(image?.tag ?? "");
  const answers = await Promise.all(
    [1, 2].map(() => stack.call("GET", "/fn/hello")),
  );
  for (const answer of answers) strictEqual(await answer.text(), "hello");
});

Deno.test("an image of an older Oche is built again before it serves", async () => {
  await using stack = await startTestStack("podman", {
    ...PATIENT,
    OCHE_PREWARMED: "0",
  });
  strictEqual((await stack.deploy("hello", HELLO)).status, 201);
  const engine = dockerEngine({ socketPath: stack.engineSocket });
  await removeSandboxes(engine);
  await using registry = await KvRegistry.open(
    await new Kvm(stack.nc).open(BUCKET.functions),
  );
  const record = await registry.find("hello");
  ok(record);
  const image = (await registry.version(record.id, 1))?.image ?? "";
  const old = image.replace(/:.{8}/, ":00000000");
  notStrictEqual(old, image);
  const [repo = "", tag = ""] = old.split(/:(?=[^:]*$)/);
  const docker = new Docker({ socketPath: stack.engineSocket });
  await docker.getImage(image).tag({ repo, tag });
  await registry.updateVersion(record.id, 1, { image: old });
  // The runtime hears of the record in its own time.
  await until(async () => {
    await removeSandboxes(engine);
    const answer = await stack.call("GET", "/fn/hello");
    strictEqual(await answer.text(), "hello");
    return (await registry.version(record.id, 1))?.image === image;
  });
  match(
    await Deno.readTextFile(`${stack.home}/runtime.log`),
    /Building an image again/,
  );
});
