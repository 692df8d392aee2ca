/** compose.yaml against what the programs read; images cannot be pulled everywhere. */
import { deepStrictEqual, ok } from "node:assert";
import { parse } from "yaml";
import { scriptOf } from "../src/bin/script.ts";
import { readGatewayConfig, readRuntimeConfig } from "../src/config.ts";

interface Service {
  environment?: Record<string, string>;
  command?: string[];
  volumes?: (string | { source: string; target: string })[];
}

const text = await Deno.readTextFile(
  new URL("../compose.yaml", import.meta.url),
);
const { services } = parse(text) as { services: Record<string, Service> };

const VALUES: Record<string, string> = {
  OCHE_NATS_PASSWORD: "secret",
  OCHE_NATS_GATEWAY_PASSWORD: "secret",
  OCHE_NATS_RUNTIME_PASSWORD: "secret",
  OCHE_NATS_SERVICE_PASSWORD: "secret",
  OCHE_ADMIN_KEY_SHA256: "a".repeat(64),
  OCHE_INSTALLATION: "0123abcd",
  OCHE_SEAL_KEYS: btoa("k".repeat(32)),
};

/** Interpolation as Compose does it (Compose specification, "Interpolation"). */
function interpolate(value: string): string {
  return value.replaceAll(
    /\$\{(\w+):(?:\?[^}]*|-([^}]*))\}/g,
    (_all, name: string, fallback = "") => VALUES[name] ?? fallback,
  );
}

function lookup(service: string): (name: string) => string | undefined {
  const environment = services[service]?.environment ?? {};
  return (name) => {
    const value = environment[name];
    return value === undefined ? undefined : interpolate(value);
  };
}

Deno.test("compose.yaml has nats, runtime and gateway", () => {
  deepStrictEqual(Object.keys(services), ["nats", "runtime", "gateway"]);
});

Deno.test("compose.yaml gives each program an environment that it can read", () => {
  readGatewayConfig(lookup("gateway"));
  const runtime = readRuntimeConfig(lookup("runtime"));
  const bound = services["runtime"]?.volumes?.find((volume) =>
    typeof volume === "object"
  );
  ok(typeof bound === "object");
  deepStrictEqual(
    [bound.source, bound.target],
    [runtime.OCHE_FUNCTIONS_DIR, runtime.OCHE_FUNCTIONS_DIR],
  );
});

Deno.test("compose.yaml runs programs as the embedded stack does", () => {
  const flags = scriptOf(".", "gateway").args
    .find((arg) => arg.startsWith("--v8-flags"));
  ok(flags);
  for (const service of ["runtime", "gateway"]) {
    ok(services[service]?.command?.includes(flags), service);
  }
});

Deno.test("compose.yaml starts programs that are there", async () => {
  for (const service of ["runtime", "gateway"]) {
    const program = services[service]?.command?.at(-1) ?? "";
    ok((await Deno.stat(new URL(`../${program}`, import.meta.url))).isFile);
  }
});
