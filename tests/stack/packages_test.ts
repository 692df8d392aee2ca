/** Which packages are needed and which lack. */
import { deepStrictEqual } from "node:assert";
import {
  missingPackages,
  type PackageNeeds,
  packagesFor,
} from "../../src/stack/packages.ts";

const PODMAN =
  "podman runc netavark aardvark-dns fuse-overlayfs uidmap slirp4netns";

Deno.test("packagesFor() names what a stack of that kind needs", () => {
  const cases: [PackageNeeds, string][] = [
    [{}, ""],
    [{ nats: true }, "nats-server"],
    [{ engine: "docker" }, "docker.io"],
    [{ engine: "podman", dart: "image" }, PODMAN],
    [
      { engine: "podman", dart: "bundled", nats: true },
      `nats-server ${PODMAN} libc6:i386`,
    ],
  ];
  for (const [needs, expected] of cases) {
    deepStrictEqual(packagesFor(needs).join(" "), expected);
  }
});

Deno.test("missingPackages() goes by Debian's records", async () => {
  deepStrictEqual(
    await missingPackages(["dash", "oche-no-such-package", "coreutils"]),
    ["oche-no-such-package"],
  );
  deepStrictEqual(await missingPackages([]), []);
});
