import { rejects, strictEqual } from "node:assert";
import { chooseToolchain } from "../../../runtime/toolchain/choose.ts";
import type { Toolchain } from "../../../runtime/toolchain/toolchain.ts";

function named(name: Toolchain["name"]): Toolchain {
  return {
    name,
    prepare: () => Promise.resolve(),
    imageOf: () => name,
    isCurrent: () => true,
    build: () => Promise.resolve(),
  };
}

const ROWS: {
  wanted: "auto" | "bundled" | "image";
  hasImage: boolean;
  hasBundled: boolean;
  chosen: Toolchain["name"] | undefined;
}[] = [
  { wanted: "auto", hasImage: true, hasBundled: true, chosen: "image" },
  { wanted: "auto", hasImage: false, hasBundled: true, chosen: "bundled" },
  { wanted: "auto", hasImage: true, hasBundled: false, chosen: "image" },
  { wanted: "auto", hasImage: false, hasBundled: false, chosen: undefined },
  { wanted: "bundled", hasImage: true, hasBundled: true, chosen: "bundled" },
  { wanted: "bundled", hasImage: true, hasBundled: false, chosen: undefined },
  { wanted: "image", hasImage: false, hasBundled: true, chosen: "image" },
];

for (const { wanted, hasImage, hasBundled, chosen } of ROWS) {
  const there = [hasImage && "the image", hasBundled && "the VM"]
    .filter(Boolean).join(" and ") || "nothing";
  Deno.test(`chooseToolchain() for ${wanted}, with ${there}: ${chosen ?? "refused"}`, async () => {
    const choice = chooseToolchain(wanted, {
      hasImage: () => Promise.resolve(hasImage),
      image: () => named("image"),
      bundled: hasBundled ? () => named("bundled") : undefined,
    });
    if (chosen) strictEqual((await choice).name, chosen);
    else await rejects(choice, { code: "unavailable" });
  });
}
