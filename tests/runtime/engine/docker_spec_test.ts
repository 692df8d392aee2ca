import { strictEqual } from "node:assert";
import { createOptions } from "../../../runtime/engine/docker_spec.ts";
import { containerSpec } from "../../../runtime/sandbox/container_spec.ts";
import { testSettings } from "../../support/settings.ts";

const TARGET = { functionId: "f", version: 1, image: "i", memoryMb: 64 };
const PLACE = { name: "n", exchange: { path: "/a", insidePath: "/b" } };

Deno.test("createOptions() names the operator's container runtime, if there is one", () => {
  for (const containerRuntime of [undefined, "runsc"]) {
    const settings = testSettings({ containerRuntime });
    const { HostConfig } = createOptions(
      containerSpec(settings, TARGET, PLACE),
    );
    strictEqual(HostConfig?.Runtime, containerRuntime);
  }
});

Deno.test("createOptions() gives no network but the one of the function", () => {
  for (const network of [undefined, "db"]) {
    const { HostConfig, NetworkDisabled } = createOptions(
      containerSpec(testSettings(), { ...TARGET, network }, PLACE),
    );
    strictEqual(HostConfig?.NetworkMode, network ?? "none");
    strictEqual(NetworkDisabled, network === undefined);
  }
});
