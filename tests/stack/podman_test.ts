import { strictEqual } from "node:assert";
import { dockerEngine } from "../../runtime/engine/docker.ts";
import { startTestEngine } from "../support/engines.ts";

Deno.test("an embedded Podman starts where CONTAINER_HOST names another engine", async () => {
  const before = Deno.env.get("CONTAINER_HOST");
  Deno.env.set("CONTAINER_HOST", "unix:///run/nobody.sock");
  try {
    await using started = await startTestEngine("podman");
    const engine = dockerEngine({ socketPath: started.socketPath });
    strictEqual((await engine.ping()).name, "podman");
  } finally {
    if (before === undefined) Deno.env.delete("CONTAINER_HOST");
    else Deno.env.set("CONTAINER_HOST", before);
  }
});
