/** wrk (Debian) as the load of a test: answers counted by status, accepted ones timed. */
import { strictEqual } from "node:assert";
import { z } from "zod";

const Result = z.object({
  /** Answers by status; `lost` without one. */
  statuses: z.record(z.string(), z.number()),
  /** Of 200s, in milliseconds, by the server's own word. */
  p50: z.number(),
  p99: z.number(),
  /** Answers a second. */
  rate: z.number(),
});
export type LoadResult = z.output<typeof Result>;

export interface Load {
  url: string;
  key: string;
  connections: number;
  seconds: number;
  /** What each connection waits between its requests, in milliseconds. */
  pauseMs?: number;
}

export async function load(
  { url, key, connections, seconds, pauseMs = 0 }: Load,
): Promise<LoadResult> {
  const script = await Deno.makeTempFile({ suffix: ".lua" });
  try {
    await Deno.writeTextFile(script, lua(key, pauseMs));
    const { code, stdout } = await new Deno.Command("wrk", {
      args: [
        ...["-t1", `-c${connections}`, `-d${seconds}s`, "--timeout=20s"],
        ...["-s", script, url],
      ],
    }).output();
    strictEqual(code, 0, "wrk failed");
    const text = new TextDecoder().decode(stdout).trim();
    return Result.parse(JSON.parse(text.split("\n").at(-1) ?? ""));
  } finally {
    await Deno.remove(script);
  }
}

function lua(key: string, pauseMs: number): string {
  return `
wrk.headers["Authorization"] = "Bearer ${key}"
local threads = {}
function setup(thread) table.insert(threads, thread) end
function init(args)
  statuses, times, count = {}, {}, 0
end
${pauseMs > 0 ? `function delay() return ${pauseMs} end` : ""}
function response(status, headers)
  local name = tostring(status)
  statuses[name] = (statuses[name] or 0) + 1
  if status == 200 then
    for header, value in pairs(headers) do
      if string.lower(header) == "oche-duration-ms" then
        count = count + 1
        times[count] = tonumber(value)
      end
    end
  end
end
done = function(summary, latency, requests)
  local thread = threads[1]
  local statuses, times = thread:get("statuses"), thread:get("times")
  local count, parts = thread:get("count"), {}
  table.sort(times)
  for name, number in pairs(statuses) do
    table.insert(parts, string.format('"%s":%d', name, number))
  end
  local errors = summary.errors
  local lost = errors.connect + errors.read + errors.timeout
  if lost > 0 then table.insert(parts, string.format('"lost":%d', lost)) end
  io.write(string.format('{"statuses":{%s},"p50":%f,"p99":%f,"rate":%f}\\n',
    table.concat(parts, ","),
    times[math.max(1, math.ceil(count * 0.50))] or 0,
    times[math.max(1, math.ceil(count * 0.99))] or 0,
    summary.requests / (summary.duration / 1e6)))
end
`;
}
