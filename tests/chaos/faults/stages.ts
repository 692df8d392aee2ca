/** Where in a call or a deploy a fault strikes, and what comes of that work. */
import { match, ok, strictEqual } from "node:assert";
import { readState } from "../../../src/stack/state.ts";
import { plainFunction } from "../../support/project.ts";
import type { TestStack } from "../../support/stack.ts";
import { until } from "../../support/until.ts";

/** Work that has reached its stage. */
export interface Work {
  /** How it ended: a status with its code, or `lost` with its connection. */
  ended: Promise<string>;
}

export interface Stage {
  name: string;
  reach(stack: TestStack): Promise<Work>;
}

const SLOW_MS = 1_500;

const SLOW = plainFunction(`
    await Future.delayed(Duration(milliseconds: int.parse(request.query['ms'] ?? '0')));
    return CloudResponse.text(request.query['token'] ?? 'hello');`);

/** What the stages need: `slow` with two versions, `single` for one call at once. */
export async function deployForStages(stack: TestStack): Promise<void> {
  for (
    const [name, files] of [
      ["slow", SLOW],
      ["slow", { ...SLOW, "second.txt": "" }],
      ["single", SLOW],
    ] as const
  ) {
    const response = await stack.deploy(name, files);
    strictEqual(response.status, 201, await response.text());
  }
  const limited = await stack.call("PATCH", "/api/functions/single", {
    body: JSON.stringify({ maxConcurrency: 1 }),
    headers: { "content-type": "application/json" },
  });
  strictEqual(limited.status, 200, await limited.text());
}

export const STAGES: Stage[] = [
  {
    name: "call running",
    reach: (stack) => runningCall(stack, "slow"),
  },
  {
    name: "call queued",
    async reach(stack) {
      const first = await runningCall(stack, "single");
      const second = call(stack, "single", crypto.randomUUID());
      // Nothing tells from outside that it waits; the first runs on meanwhile.
      await stack.call("GET", "/healthz").then((answer) => answer.text());
      return { ended: first.ended.then(() => second) };
    },
  },
  {
    name: "call starting",
    async reach(stack) {
      const { current } = await json(stack, "/api/functions/slow");
      const before = await exchangeDirectories(stack);
      await post(stack, "/api/functions/slow/rollback", {
        version: current === 1 ? 2 : 1,
      });
      const ended = call(stack, "slow", crypto.randomUUID());
      await until(
        async () =>
          (await exchangeDirectories(stack)).some((path) =>
            !before.includes(path)
          ),
        10_000,
      ).catch(() => {});
      return { ended };
    },
  },
  ...["analyse", "build", "start"].map((step): Stage => ({
    name: `deploy: ${step}`,
    reach: (stack) => deployAt(stack, step),
  })),
];

/** Resolves when its request lies in an exchange directory. */
async function runningCall(stack: TestStack, name: string): Promise<Work> {
  const token = crypto.randomUUID();
  const ended = call(stack, name, token);
  const over = ended.then(() => true);
  await until(async () =>
    await Promise.race([over, requestLies(stack, token)])
  );
  return { ended };
}

async function call(
  stack: TestStack,
  name: string,
  token: string,
): Promise<string> {
  try {
    const response = await stack.call(
      "GET",
      `/fn/${name}?ms=${SLOW_MS}&token=${token}`,
    );
    const text = await response.text();
    if (response.status !== 200) return problemOf(response.status, text);
    strictEqual(text, token, "the answer of another call");
    return "200";
  } catch (error) {
    if (error instanceof TypeError) return "lost";
    throw error;
  }
}

function problemOf(status: number, text: string): string {
  const { code, reason } = JSON.parse(text);
  return [status, code, reason].filter((part) => part !== undefined).join(" ");
}

/** A deploy of new content that is at that step; it ends in its version's record. */
async function deployAt(stack: TestStack, step: string): Promise<Work> {
  const name = `chaos-${crypto.randomUUID().slice(0, 8)}`;
  // A store that comes back may refuse; what was refused was not accepted.
  for (;;) {
    const reader = await deployStream(stack, name);
    const text = await readUntil(reader, `"step":"${step}"`);
    void reader.cancel().catch(() => {});
    if (!text.includes("event: error")) break;
    match(text, /"code":"unavailable"/);
  }
  return { ended: untilDeployed(stack, name) };
}

async function deployStream(
  stack: TestStack,
  name: string,
): Promise<ReadableStreamDefaultReader<string>> {
  const response = await stack.deploy(
    name,
    {
      ...SLOW,
      "lib/token.dart": `// ${name}\nconst token = '${name}';\n`,
      "lib/function.dart": `import 'token.dart';\n${
        SLOW["lib/function.dart"]?.replace("'hello'", "token")
      }`,
    },
    "",
    { accept: "text/event-stream" },
  );
  ok(response.body);
  return response.body.pipeThrough(new TextDecoderStream()).getReader();
}

/** Up to those words, or to the end. */
async function readUntil(
  reader: ReadableStreamDefaultReader<string>,
  words: string,
): Promise<string> {
  let text = "";
  while (!text.includes(words)) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
  }
  return text;
}

async function untilDeployed(stack: TestStack, name: string): Promise<string> {
  let status = "";
  await until(async () => {
    const answer = await stack.call("GET", `/api/functions/${name}/versions`)
      .catch(() => undefined);
    if (answer?.status !== 200) {
      await answer?.body?.cancel();
      return false;
    }
    const { versions: [version] } = await answer.json();
    status = version.status;
    return status === "ready" || status === "failed";
  });
  if (status === "failed") return "failed";
  await until(async () => {
    const answer = await stack.call("GET", `/fn/${name}`)
      .catch(() => undefined);
    return await answer?.text().catch(() => "") === name;
  });
  return "ready";
}

async function requestLies(stack: TestStack, token: string): Promise<boolean> {
  for (const path of await exchangeDirectories(stack)) {
    const text = await Deno.readTextFile(`${path}/request.json`)
      .catch(() => "");
    if (text.includes(token)) return true;
  }
  return false;
}

/** Every one with a function, as the spec's path has it. */
export async function exchangeDirectories(
  stack: TestStack,
): Promise<string[]> {
  const { functionsDir } = await readState(stack.home) ?? {};
  ok(functionsDir);
  const found: string[] = [];
  for (const id of names(functionsDir)) {
    if (id.startsWith(".")) continue;
    for (const version of names(`${functionsDir}/${id}`)) {
      for (const name of names(`${functionsDir}/${id}/${version}`)) {
        found.push(`${functionsDir}/${id}/${version}/${name}`);
      }
    }
  }
  return found;
}

function names(folder: string): string[] {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => name);
  } catch {
    return []; // Removed meanwhile.
  }
}

// deno-lint-ignore no-explicit-any -- Tests look into answers of any shape.
async function json(stack: TestStack, path: string): Promise<any> {
  const response = await stack.call("GET", path);
  strictEqual(response.status, 200);
  return await response.json();
}

/** What was hurt before may still need a moment: then it says 503. */
async function post(
  stack: TestStack,
  path: string,
  body: unknown,
): Promise<void> {
  await until(async () => {
    const response = await stack.call("POST", path, {
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
    const text = await response.text();
    if (response.status !== 503) strictEqual(response.status, 200, text);
    return response.status === 200;
  });
}
