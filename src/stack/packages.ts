/** Debian packages: which ones are needed, which ones lack. */
import { stat } from "node:fs/promises";
import { findPrograms, run } from "./run.ts";

export interface PackageNeeds {
  /** The engine to be started here; undefined when one runs already. */
  engine?: "podman" | "docker" | undefined;
  dart?: "bundled" | "image" | undefined;
  nats?: boolean | undefined;
}

const PODMAN = [
  "podman",
  "runc",
  "netavark",
  "aardvark-dns",
  "fuse-overlayfs",
  "uidmap",
  "slirp4netns",
];

export function packagesFor({ engine, dart, nats }: PackageNeeds): string[] {
  return [
    ...(nats ? ["nats-server"] : []),
    ...(engine === "podman" ? PODMAN : []),
    ...(engine === "docker" ? ["docker.io"] : []),
    ...(dart === "bundled" ? ["libc6:i386"] : []),
  ];
}

/** What a package is needed for; there without the package it serves as well. */
const PROVIDES: Record<string, string[]> = {
  "nats-server": ["nats-server"],
  podman: ["podman"],
  runc: ["runc"],
  netavark: ["/usr/lib/podman/netavark", "/usr/libexec/podman/netavark"],
  "aardvark-dns": [
    "/usr/lib/podman/aardvark-dns",
    "/usr/libexec/podman/aardvark-dns",
  ],
  "fuse-overlayfs": ["fuse-overlayfs"],
  uidmap: ["newuidmap"],
  slirp4netns: ["slirp4netns"],
  "docker.io": ["dockerd"],
  "libc6:i386": ["/lib/ld-linux.so.2"],
};

/** Those that are neither installed nor provided by something else. */
export async function missingPackages(
  names: readonly string[],
): Promise<string[]> {
  if (names.length === 0) return [];
  const provided = names.flatMap((name) => PROVIDES[name] ?? []);
  const [installed, programs] = await Promise.all([
    installedPackages(names),
    findPrograms(provided.filter((what) => !what.startsWith("/"))),
  ]);
  const missing: string[] = [];
  for (const name of names) {
    if (installed.has(name)) continue;
    const there = await Promise.all(
      (PROVIDES[name] ?? []).map((what) =>
        what.startsWith("/") ? exists(what) : programs.has(what)
      ),
    );
    if (!there.includes(true)) missing.push(name);
  }
  return missing;
}

/** By plain name and by `name:architecture`. */
async function installedPackages(
  names: readonly string[],
): Promise<Set<string>> {
  const format = "${Package} ${Architecture} ${db:Status-Status}\n";
  const { stdout } = await run("dpkg-query", ["-W", "-f", format, ...names]);
  const lines = stdout.split("\n").map((line) => line.split(" "));
  return new Set(
    lines.flatMap(([name = "", architecture = "", status = ""]) =>
      status === "installed" ? [name, `${name}:${architecture}`] : []
    ),
  );
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}
