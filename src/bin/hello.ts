/** The first answer: deploys examples/hello and calls it like any caller would. */
import { packDirectory } from "../cli/pack.ts";
import { AppError } from "../contracts/error.ts";
import { fromProblem } from "../contracts/problem.ts";
import { retry } from "../retry.ts";
import type { Installation } from "../stack/installation.ts";
import type { Progress } from "../stack/progress.ts";

/** Images of an older Oche are built again one after the other. */
const AFTER_UPGRADE = { maxTries: 10, pauseMs: 1_000 };

export interface GreetOptions {
  root: string;
  installation: Installation;
  url: string;
  progress: Progress;
  write(text: string): void;
}

export async function greet(
  { root, installation, url, progress, write }: GreetOptions,
): Promise<void> {
  const headers = { authorization: `Bearer ${installation.adminKey}` };
  const { bytes } = await packDirectory(`${root}/examples/hello`);
  await progress.step("Deploying examples/hello", async () => {
    await ask(`${url}/api/functions/hello/deployments`, {
      method: "POST",
      headers,
      body: bytes,
    });
  });
  const invoke = () =>
    ask(`${url}/fn/hello`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({ name: "Ada" }),
    });
  const answer = await progress.step(
    "Invoking it",
    () => retry(invoke, { ...AFTER_UPGRADE, retryIf: isPassing }),
  );
  write(`  hello answered  ${answer}
  Gateway         ${url}
  Key             ${installation.adminKeyFile}

Next:
  ./oche invoke hello --data '{"name":"Grace"}'
  ./oche init my-function && ./oche deploy my-function
  eval "$(./oche env)" && curl -H "Authorization: Bearer $OCHE_KEY" "$OCHE_URL/fn/hello?name=Ada"
`);
}

function isPassing(error: unknown): boolean {
  return AppError.from(error).code === "unavailable";
}

/** @throws {AppError} what the gateway answered instead */
async function ask(url: string, init: RequestInit): Promise<string> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (response.ok) return text;
  throw fromProblem(JSON.parse(text));
}
