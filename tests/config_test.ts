import { deepStrictEqual, match, strictEqual, throws } from "node:assert";
import { readStackSettings } from "../src/stack/settings.ts";
import { readGatewayConfig, readRuntimeConfig } from "../src/config.ts";

const SEAL = { OCHE_SEAL_KEYS: btoa("k".repeat(32)) };
const KEY = { ...SEAL, OCHE_ADMIN_KEY_SHA256: "a".repeat(64) };
const RUNTIME = {
  ...SEAL,
  OCHE_INSTALLATION: "0123abcd",
  OCHE_FUNCTIONS_DIR: "/run/oche/0123abcd",
};

function lookup(values: Record<string, string>) {
  return (name: string) => values[name];
}

Deno.test("readGatewayConfig() has the documented defaults", () => {
  const config = readGatewayConfig(lookup(KEY));
  strictEqual(config.OCHE_HOST, "127.0.0.1");
  strictEqual(config.OCHE_PORT, 8080);
  strictEqual(config.OCHE_MAX_BODY_BYTES, 6 * 1024 * 1024);
  strictEqual(config.OCHE_MAX_ARCHIVE_BYTES, 20 * 1024 * 1024);
  strictEqual(config.OCHE_FUNCTION_TIMEOUT_MS, 5_000);
});

Deno.test("readRuntimeConfig() has the documented defaults", () => {
  const config = readRuntimeConfig(lookup(RUNTIME));
  strictEqual(config.SHARED_VOLUME_NAME, "functions_data");
  strictEqual(config.OCHE_MAX_SANDBOXES, 8);
  strictEqual(config.OCHE_FUNCTION_CPUS, 0.5);
  strictEqual(config.OCHE_DART, "auto");
  strictEqual(config.OCHE_DART_IMAGE, "dart:stable");
});

Deno.test("readRuntimeConfig() refuses a database that no function could reach", () => {
  const database = { ...RUNTIME, OCHE_DATABASE_URL: "postgres://db/x" };
  throws(() => readRuntimeConfig(lookup(database)), {
    message: /OCHE_DATABASE_URL: .*OCHE_NETWORKS.*--network/,
  });
  const reachable = { ...database, OCHE_NETWORKS: "db, other" };
  deepStrictEqual(readRuntimeConfig(lookup(reachable)).OCHE_NETWORKS, [
    "db",
    "other",
  ]);
});

Deno.test("readGatewayConfig() takes an empty variable as not set", () => {
  strictEqual(
    readGatewayConfig(lookup({ ...KEY, OCHE_PORT: "" })).OCHE_PORT,
    8080,
  );
});

for (
  const [text, isGood] of [
    ["orders.>,billing.*", true],
    ["orders", true],
    ["functions.>", false],
    ["functions", false],
    [">", false],
    ["*.created", false],
    ["$KV.>", false],
    ["_INBOX.>", false],
    ["orders.>.x", false],
    ["orders.>,functions.deploy.x", false],
  ] as const
) {
  Deno.test(`OCHE_SERVICE_SUBJECTS ${isGood ? "takes" : "refuses"} ${text}`, () => {
    const read = () =>
      readStackSettings(lookup({
        OCHE_HOME: "/h",
        OCHE_CACHE: "/c",
        OCHE_SERVICE_SUBJECTS: text,
      }));
    if (isGood) strictEqual(read().OCHE_SERVICE_SUBJECTS.join(","), text);
    else throws(read, /OCHE_SERVICE_SUBJECTS/);
  });
}

const REFUSED = [
  { name: "OCHE_PORT", value: "eighty" },
  { name: "OCHE_PORT", value: "65536" },
  { name: "OCHE_FUNCTION_TIMEOUT_MS", value: "0" },
  { name: "OCHE_MAX_BODY_BYTES", value: "-1" },
  { name: "OCHE_ADMIN_KEY_SHA256", value: "short" },
  { name: "OCHE_SEAL_KEYS", value: btoa("short") },
  { name: "OCHE_NETWORKS", value: "db,host" },
  { name: "OCHE_NETWORKS", value: "container:other" },
];

for (const { name, value } of REFUSED) {
  Deno.test(`readGatewayConfig() refuses ${name}=${value} by name`, () => {
    throws(
      () => readGatewayConfig(lookup({ ...KEY, [name]: value })),
      (error: Error) => {
        match(error.message, new RegExp(name));
        return true;
      },
    );
  });
}
