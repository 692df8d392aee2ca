/** Whatever the environment, a pubspec, a compiler or a trigger says. */
import { ok } from "node:assert";
import fc from "fast-check";
import { parseCompilerOutput } from "../../../runtime/dart/diagnostics.ts";
import { readProject } from "../../../runtime/dart/pubspec.ts";
import { allowedTarget, parseHosts } from "../../../src/callback/hosts.ts";
import { parseDelay, parseTime } from "../../../src/contracts/delay.ts";
import { readRetryAfter } from "../../../src/contracts/retry.ts";
import { readGatewayConfig, readRuntimeConfig } from "../../../src/config.ts";
import { parseNatsUrl } from "../../../src/nats/connect.ts";
import { nextTimes, readSchedule } from "../../../src/trigger/schedule.ts";
import {
  checkListen,
  checkPublish,
} from "../../../src/trigger/subject_rules.ts";
import { edited, fuzz, orRefused, text } from "./fuzz.ts";

const GOOD: Record<string, string> = {
  OCHE_ADMIN_KEY_SHA256: "0".repeat(64),
  OCHE_INSTALLATION: "0123abcd",
  OCHE_FUNCTIONS_DIR: "/run/oche/x",
  OCHE_SEAL_KEYS: btoa("0".repeat(32)),
};

const value = fc.oneof(
  text,
  fc.double().map(String),
  fc.integer().map(String),
  fc.constantFrom("1", "0", "true", "auto", "image", "reuse", "/", "10"),
);

fuzz(
  "any environment is a configuration, or refused",
  fc.array(fc.tuple(fc.nat(200), value), { maxLength: 4 }),
  async (changes) => {
    for (const read of [readGatewayConfig, readRuntimeConfig]) {
      const names: string[] = [];
      read((name) => {
        names.push(name);
        return GOOD[name];
      });
      const env = { ...GOOD };
      for (const [at, text] of changes) {
        env[names[at % names.length] ?? ""] = text;
      }
      const config = await orRefused(
        ["invalid"],
        () => read((name) => env[name]),
      );
      for (const each of Object.values(config ?? {})) {
        ok(typeof each !== "number" || Number.isFinite(each));
      }
    }
  },
);

fuzz(
  "any address of NATS is read or refused",
  fc.oneof(
    text,
    edited(["nats://user:p%40ss@127.0.0.1:4222,tls://b"], [
      ..."%@:/,#?[]",
      "%ff",
      "tls://",
    ]),
  ),
  async (url) => {
    await orRefused(["invalid"], () => parseNatsUrl(url));
  },
);

fuzz(
  "any pubspec.yaml is read or refused",
  fc.oneof(
    text,
    edited(
      [
        "name: shop\nenvironment:\n  sdk: ^3.4.0\ndependencies:\n  http: ^1.0.0\n  a: {path: b}\n",
      ],
      [..."&*:-{}[]|>!#%@'\"\n ", "<<: *a", "&a", "\t", "? ", "__proto__: 1\n"],
    ),
  ),
  async (file) => {
    const tree = new Map([
      ["pubspec.yaml", new TextEncoder().encode(file)],
      ["lib/f.dart", new Uint8Array()],
    ]);
    const project = await orRefused(
      ["invalid"],
      () => readProject(tree, "lib/f.dart"),
    );
    ok(!project?.packageName || /^[A-Za-z_]\w*$/.test(project.packageName));
  },
);

fuzz(
  "any words of the compiler give diagnostics of whole places",
  edited(
    ["source/lib/a.dart:12:3: Error: No.\nfinal x = y;\n          ^\n"],
    [..."\n:^", "source/", "Error:", "99999999999999999999", "\0", "\x1b[31m"],
  ),
  (output) => {
    for (
      const { line = 1, column = 1 } of parseCompilerOutput(output, "source/")
    ) {
      ok(Number.isSafeInteger(line) && line > 0, `line ${line}`);
      ok(Number.isSafeInteger(column) && column > 0, `column ${column}`);
    }
  },
);

fuzz(
  "any cron expression has next times, or is refused",
  fc.tuple(
    fc.oneof(
      text,
      edited(["*/5 9-17 * * 1-5", "0 0 1 1 *", "0 0 29 2 *", "@daily"], [
        ..."*/,-?L#W 0123456789",
        "MON",
        "FEB",
      ]),
    ),
    fc.oneof(fc.constantFrom("UTC", "Europe/Berlin", "America/New_York"), text),
  ),
  async ([expression, zone]) => {
    await orRefused(["invalid"], () => {
      const schedule = readSchedule(expression, zone);
      const times = nextTimes(schedule, 0, 3);
      ok(times.every((time, at) => time > (times[at - 1] ?? 0)));
    });
  },
  10,
);

fuzz(
  "any subject of a trigger is taken or refused, and never the system's",
  fc.oneof(text, fc.stringMatching(/^[a-z*>.$]{1,30}$/)),
  async (subject) => {
    await orRefused(["invalid"], () => checkListen(subject));
    await orRefused(["invalid"], () => checkPublish(subject));
  },
);

fuzz(
  "any delay and any time is read as a number, or refused",
  fc.oneof(
    text,
    edited(
      ["P1W2DT3H4M5.5S", "PT0S", "2030-01-31T12:00:00.5+01:00", "1e3", "12.5"],
      [..."0123456789PTWDHMS.:+-Zz e", "999999999", "\u0660"],
    ),
  ),
  async (given) => {
    for (const read of [parseDelay, parseTime]) {
      const ms = await orRefused(["invalid"], () => read(given));
      ok(ms === undefined || Number.isFinite(ms), String(ms));
    }
  },
);

fuzz(
  "any list of hosts is read or refused, and allows no other host",
  fc.tuple(
    fc.oneof(
      text,
      edited(["example.com,*.hooks.example.com:8443"], [
        ..."*.,:@/?#[]",
        "localhost",
        "127.0.0.1",
        "%00",
      ]),
    ),
    fc.oneof(text, fc.webUrl()),
  ),
  async ([list, url]) => {
    const hosts = await orRefused(["invalid"], () => parseHosts(list));
    if (!hosts) return;
    const target = await orRefused(
      ["invalid", "forbidden"],
      () => allowedTarget(url, hosts),
    );
    if (target) ok(list.includes(new URL(url).hostname.slice(-4)), url);
  },
);

fuzz(
  "any Retry-After is a wait that ends",
  fc.oneof(
    text,
    fc.double(),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  ),
  (value) => {
    const ms = readRetryAfter(value, Date.now());
    ok(Number.isFinite(ms) && ms >= 0, String(ms));
  },
);
