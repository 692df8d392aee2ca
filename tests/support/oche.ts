/** The command line against a server that a test scripts. */
import type { CliDeps } from "../../src/cli/deps.ts";
import { runCli } from "../../src/cli/program.ts";

const TEMPLATES =
  new URL("../../templates/scaffolds", import.meta.url).pathname;

export interface Outcome {
  code: number;
  out: string;
  err: string;
  requests: Request[];
}

/** Runs a command against a server that answers as told. */
export async function oche(
  argv: string[],
  { answer, env = {}, cwd = "/", isTty = false }: {
    answer?: (request: Request) => Response | Promise<Response>;
    env?: Record<string, string>;
    cwd?: string;
    isTty?: boolean;
  } = {},
): Promise<Outcome> {
  const outcome: Outcome = { code: -1, out: "", err: "", requests: [] };
  const values: Record<string, string> = {
    OCHE_URL: "http://oche.test",
    OCHE_KEY: "k",
    ...env,
  };
  const did: string[] = [];
  const stack: CliDeps["stack"] = {
    up: ({ once, detach }) => record(`up ${once} ${detach}`),
    down: () => record("down"),
    test: ({ filter, long }) => record(`test ${filter} ${long}`),
    doctor: ({ json }) => record(`doctor ${json}`),
    rotateSeal: ({ dropOld }) => Promise.resolve(`rotated ${dropOld}`),
    bench: ({ quick, engine, out }) =>
      record(`bench ${quick} ${engine} ${out}`),
  };
  function record(text: string): Promise<number> {
    did.push(text);
    outcome.out += `${text}\n`;
    return Promise.resolve(text.startsWith("test") ? 1 : 0);
  }
  outcome.code = await runCli(argv, {
    env: (name) => values[name],
    cwd,
    stdout: (text) => outcome.out += text,
    stderr: (text) => outcome.err += text,
    isTty,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      outcome.requests.push(request);
      if (answer) return await answer(request.clone());
      throw new TypeError("connection refused");
    },
    templates: TEMPLATES,
    version: "1.2.3",
    stack,
  });
  return outcome;
}
