/**
 * The dependency rules of this repository, as a test: the layer table of the
 * README. The first row that matches a file decides.
 */
import { deepStrictEqual } from "node:assert";
import { dirname, join, normalize } from "node:path/posix";

interface Layer {
  path: string;
  files: string[];
  packages: string[];
}

const LAYERS: Layer[] = [
  { path: "src/contracts/", files: ["src/contracts/"], packages: ["zod"] },
  { path: "src/auth/", files: ["src/auth/", "src/contracts/"], packages: [] },
  {
    path: "src/nats/",
    files: [
      "src/nats/",
      "src/contracts/",
      "src/alarm.ts",
      "src/linked_list.ts",
      "src/log.ts",
      "src/pause.ts",
      "src/retry.ts",
    ],
    packages: ["@nats-io/", "zod"],
  },
  {
    path: "src/store/",
    files: [
      "src/store/",
      "src/contracts/",
      "src/nats/api_error.ts",
      "src/nats/subject.ts",
      "src/nats/bootstrap_async.ts",
      "src/pause.ts",
    ],
    packages: ["@nats-io/", "zod"],
  },
  {
    path: "src/trigger/",
    files: [
      "src/trigger/",
      "src/contracts/",
      "src/nats/subject.ts",
      "src/log.ts",
      "src/semaphore.ts",
    ],
    packages: ["croner", "zod"],
  },
  {
    path: "src/callback/",
    files: [
      "src/callback/",
      "src/contracts/",
      "src/trigger/subject_rules.ts",
    ],
    packages: ["standardwebhooks"],
  },
  {
    path: "src/stack/",
    files: ["src/stack/", "src/contracts/", "src/pause.ts"],
    packages: ["tar-stream", "zod"],
  },
  {
    path: "src/cli/",
    files: ["src/cli/", "src/contracts/"],
    packages: ["commander", "tar-stream", "yaml", "zod"],
  },
  {
    path: "src/bench/",
    files: [
      "src/bench/",
      "src/contracts/",
      "src/nats/subject.ts",
      "src/cli/pack.ts",
      "runtime/engine/engine.ts",
    ],
    packages: ["@nats-io/nats-core", "hono", "zod"],
  },
  {
    path: "src/bin/",
    files: ["src/", "routes/app.ts", "runtime/"],
    packages: ["@nats-io/jetstream", "@nats-io/nats-core", "zod"],
  },
  {
    path: "src/",
    files: ["src/contracts/", "src/linked_list.ts", "src/pause.ts"],
    packages: ["zod"],
  },
  {
    path: "routes/",
    files: [
      "routes/",
      "src/contracts/",
      "src/auth/",
      "src/trigger/",
      "src/alarm.ts",
      "src/log.ts",
    ],
    packages: ["hono", "zod"],
  },
  {
    path: "runtime/engine/docker",
    files: ["runtime/engine/", "src/contracts/", "src/retry.ts"],
    packages: ["dockerode", "zod"],
  },
  {
    path: "runtime/",
    files: [
      "runtime/",
      "src/contracts/",
      "src/alarm.ts",
      "src/log.ts",
      "src/retry.ts",
      "src/semaphore.ts",
    ],
    packages: [
      "@repomix/tree-sitter-wasms",
      "tar-stream",
      "web-tree-sitter",
      "yaml",
      "yauzl",
      "zod",
    ],
  },
];

const ONLY_IN: [pattern: RegExp, where: RegExp][] = [
  [/\bDeno\.(env|exit|addSignalListener)\b/, /^src\/bin\//],
  [/\bconsole\./, /^src\/cli\/print\.ts$/],
  [
    /\bsetInterval\(/,
    /^(runtime\/janitor|routes\/sse|src\/nats\/(heartbeat|runtime_server)|src\/stack\/(disk_watch|progress))\.ts$/,
  ],
  [/["'`]functions\.[a-z]/, /^src\/nats\/subject\.ts$/],
  [/\bcreateInbox\(/, /^src\/nats\/inbox\.ts$/],
  [/\bdockerode\b/, /^runtime\/engine\/docker/],
];

const MAX_LINES = 250;
const IMPORT = /^(?:import|export)\b(?:[^"';=]*?\bfrom)?\s*["']([^"']+)["']/gm;
const COMMENT = /\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm;

const sources = new Map<string, string>();
for (const root of ["src", "routes", "runtime"]) await collect(root);

async function collect(folder: string): Promise<void> {
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) await collect(path);
    else if (path.endsWith(".ts")) {
      sources.set(path, await Deno.readTextFile(path));
    }
  }
}

function importsOf(path: string): string[] {
  return Array.from(
    (sources.get(path) ?? "").matchAll(IMPORT),
    ([, target = ""]) =>
      target.startsWith(".") ? normalize(join(dirname(path), target)) : target,
  );
}

function isPlatform(target: string): boolean {
  return target.startsWith("node:");
}

Deno.test("every import follows the layer table", () => {
  const broken: string[] = [];
  for (const path of sources.keys()) {
    const layer = LAYERS.find(({ path: prefix }) => path.startsWith(prefix));
    if (!layer) {
      broken.push(`${path} has no layer`);
      continue;
    }
    for (const target of importsOf(path)) {
      const allowed = sources.has(target) ? layer.files : layer.packages;
      if (isPlatform(target)) continue;
      if (!allowed.some((prefix) => target.startsWith(prefix))) {
        broken.push(`${path} must not import ${target}`);
      }
    }
  }
  deepStrictEqual(broken, []);
});

Deno.test("no import cycles", () => {
  const done = new Set<string>();
  const cycles: string[] = [];
  function visit(path: string, trail: string[]): void {
    if (trail.includes(path)) {
      cycles.push([...trail.slice(trail.indexOf(path)), path].join(" -> "));
    } else if (!done.has(path)) {
      for (const target of importsOf(path)) {
        if (sources.has(target)) visit(target, [...trail, path]);
      }
      done.add(path);
    }
  }
  for (const path of sources.keys()) visit(path, []);
  deepStrictEqual(cycles, []);
});

Deno.test("ambient effects and reserved words stay where they belong", () => {
  const broken = [...sources].flatMap(([path, text]) =>
    ONLY_IN.filter(([pattern, where]) =>
      pattern.test(text.replaceAll(COMMENT, "")) && !where.test(path)
    ).map(([pattern]) => `${path} uses ${pattern.source}`)
  );
  deepStrictEqual(broken, []);
});

Deno.test(`no file is longer than ${MAX_LINES} lines`, () => {
  const long = [...sources]
    .map(([path, text]) => [path, text.split("\n").length - 1] as const)
    .filter(([, lines]) => lines > MAX_LINES);
  deepStrictEqual(long, []);
});

Deno.test("every file opens by saying what it is for", () => {
  const silent = [...sources]
    .filter(([, text]) => !text.startsWith("/**"))
    .map(([path]) => path);
  deepStrictEqual(silent, []);
});

Deno.test("README states the layers that are enforced here", async () => {
  const readme = await Deno.readTextFile("README.md");
  const missing = LAYERS.map(({ path }) => path)
    .filter((path) => !readme.includes(`\`${path.replace(/\/$/, "")}`));
  deepStrictEqual(missing, []);
});
