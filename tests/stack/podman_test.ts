import { rejects, strictEqual } from "node:assert";
import { dockerEngine } from "../../runtime/engine/docker.ts";
import { startDockerd } from "../../src/stack/dockerd.ts";
import { startPodman } from "../../src/stack/podman.ts";
import { startTestEngine } from "../support/engines.ts";
import { tempDir } from "../support/temp_dir.ts";

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

for (const start of [startPodman, startDockerd]) {
  Deno.test(`${start.name}() says that a container runtime is not installed`, async () => {
    using folder = tempDir();
    await rejects(
      start({
        root: `${folder.path}/engine`,
        socketPath: `${folder.path}/s`,
        logFile: `${folder.path}/log`,
        runtime: "no-such-runtime",
      }),
      {
        code: "unavailable",
        message:
          'Cannot use the container runtime "no-such-runtime": no such program',
        hint: /OCHE_RUNTIME/,
      },
    );
  });
}
