/** `./oche`: the command line with the real surroundings. */
import { runCli } from "../cli/program.ts";
import { AppError } from "../contracts/error.ts";
import { createProgress } from "../stack/progress.ts";
import { dropOldSealKeys, rotateSealKeys } from "../stack/seal_keys.ts";
import { readStackSettings, type StackSettings } from "../stack/settings.ts";
import { VERSION } from "../version.ts";
import { runBench } from "./bench.ts";
import { examine, type Finding } from "./doctor.ts";
import { runTests } from "./test.ts";
import { down, up, upDetached } from "./up.ts";

const ROOT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

const encoder = new TextEncoder();

function stdout(text: string): void {
  writeAll(Deno.stdout, text);
}

function stderr(text: string): void {
  writeAll(Deno.stderr, text);
}

/** A pipe may take less than it is given, or be closed by its reader. */
function writeAll(
  to: { writeSync(bytes: Uint8Array): number },
  text: string,
): void {
  const bytes = encoder.encode(text);
  try {
    for (let at = 0; at < bytes.length;) at += to.writeSync(bytes.subarray(at));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

function env(name: string): string | undefined {
  return Deno.env.get(name);
}

function settings(): StackSettings {
  return readStackSettings(env);
}

const progress = createProgress({
  write: stderr,
  tty: Deno.stderr.isTerminal(),
});

const stack = {
  async up(
    { once, detach }: { once: boolean; detach: boolean },
  ): Promise<number> {
    const options = {
      root: ROOT,
      settings: settings(),
      once,
      progress,
      write: stdout,
      notice: (text: string) => stderr(`${text}\n`),
    };
    return await (detach ? upDetached(options) : up(options));
  },

  async down(): Promise<number> {
    stdout(await down(settings()));
    return 0;
  },

  async test(
    { filter, long }: { filter?: string | undefined; long: boolean },
  ): Promise<number> {
    return await runTests({
      root: ROOT,
      cache: settings().OCHE_CACHE,
      filter,
      long,
      progress,
      write: stdout,
    });
  },

  async bench(
    { quick, engine = "podman", out }: {
      quick: boolean;
      engine?: string | undefined;
      out: string;
    },
  ): Promise<number> {
    return await runBench({
      root: ROOT,
      cache: settings().OCHE_CACHE,
      engine: engine === "docker" ? "embedded-docker" : engine,
      quick,
      out,
      progress,
      write: stdout,
    });
  },

  async rotateSeal({ dropOld }: { dropOld: boolean }): Promise<string> {
    const { OCHE_HOME: home } = settings();
    if (dropOld) {
      await dropOldSealKeys(home);
      return "Only the newest key is left in seal.key";
    }
    const keys = await rotateSealKeys(home);
    return `seal.key holds ${keys} keys; the new one seals from the next start`;
  },

  async doctor({ json }: { json: boolean }): Promise<number> {
    const findings = await examine(ROOT, settings());
    stdout(
      json
        ? `${JSON.stringify({ findings })}\n`
        : findings.map(describe).join(""),
    );
    return findings.every(({ ok }) => ok) ? 0 : 1;
  },
};

function describe({ what, ok, detail, hint }: Finding): string {
  const line = `${ok ? "ok     " : "problem"}  ${what}: ${detail}\n`;
  return hint === undefined ? line : `${line}         ${hint}\n`;
}

try {
  Deno.exit(
    await runCli(Deno.args, {
      env,
      cwd: Deno.cwd(),
      stdout,
      stderr,
      isTty: Deno.stdout.isTerminal(),
      fetch,
      templates: `${ROOT}/templates/scaffolds`,
      version: VERSION,
      stack,
    }),
  );
} catch (error) {
  const { message, hint } = AppError.from(error);
  stderr(`oche: ${message}\n${hint === undefined ? "" : `  ${hint}\n`}`);
  if (!(error instanceof AppError)) stderr(`${error}\n`);
  Deno.exit(1);
}
