/** wrk (Debian) as the load generator: a load that nobody has to trust us for. */
import { z } from "zod";
import { AppError } from "../contracts/error.ts";

const Result = z.object({
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
  max: z.number(),
  rps: z.number(),
  errors: z.number(),
  /** Evenly spaced ones, from the 0.5th percentile to the 99.5th. */
  quantiles: z.array(z.number()),
});
export type WrkResult = z.output<typeof Result>;

export interface Load {
  url: string;
  key: string;
  body: string;
  connections: number;
  seconds: number;
  headers?: Record<string, string>;
  /** A header with another value in each request. */
  countIn?: string;
  /** Ends it before its time. */
  until?: AbortSignal;
}

/** Latencies in milliseconds. @throws {AppError} `unavailable` without wrk */
export async function wrk(load: Load): Promise<WrkResult> {
  const script = await Deno.makeTempFile({ suffix: ".lua" });
  try {
    await Deno.writeTextFile(script, lua(load));
    const child = new Deno.Command("wrk", {
      args: [
        "-t1",
        `-c${load.connections}`,
        `-d${load.seconds}s`,
        "--timeout=20s",
        "-s",
        script,
        load.url,
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    // It tells what it measured so far.
    using _ending = onAbort(load.until, () => interrupt(child));
    const { code, stdout, stderr } = await child.output();
    const text = new TextDecoder();
    const line = text.decode(stdout).trim().split("\n").at(-1) ?? "";
    if (code === 0) return Result.parse(JSON.parse(line));
    throw new AppError("unavailable", `wrk failed: ${text.decode(stderr)}`);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new AppError("unavailable", "Cannot find wrk", {
      hint: "Install it: apt-get install wrk",
      cause,
    });
  } finally {
    await Deno.remove(script);
  }
}

function interrupt(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGINT");
  } catch {
    // It has ended.
  }
}

/** Until the block is left. */
function onAbort(signal: AbortSignal | undefined, act: () => void): Disposable {
  signal?.addEventListener("abort", act, { once: true });
  if (signal?.aborted) act();
  return {
    [Symbol.dispose]: () => signal?.removeEventListener("abort", act),
  };
}

function lua({ key, body, headers, countIn }: Load): string {
  const all = {
    "Content-Type": "application/json",
    ...(key && { Authorization: `Bearer ${key}` }),
    ...headers,
  };
  return `wrk.method = "POST"
${
    Object.entries(all).map(([name, value]) =>
      `wrk.headers["${name}"] = "${value}"`
    ).join("\n")
  }
wrk.body = [==[${body}]==]
${countIn === undefined ? "" : counting(countIn)}
done = function(summary, latency)
  local errors = summary.errors
  local quantiles = {}
  for step = 1, 199 do
    quantiles[step] = string.format("%f", latency:percentile(step / 2) / 1000)
  end
  io.write(string.format(
    '{"p50":%f,"p95":%f,"p99":%f,"max":%f,"rps":%f,"errors":%d,"quantiles":[%s]}\\n',
    latency:percentile(50) / 1000, latency:percentile(95) / 1000,
    latency:percentile(99) / 1000, latency.max / 1000,
    summary.requests / (summary.duration / 1e6),
    errors.status + errors.connect + errors.read + errors.write + errors.timeout,
    table.concat(quantiles, ",")))
end
`;
}

function counting(header: string): string {
  return `local count = 0
request = function()
  count = count + 1
  wrk.headers["${header}"] = "${crypto.randomUUID()}-" .. count
  return wrk.format()
end`;
}
