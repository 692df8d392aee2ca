/** One part of the benchmark's floor, as a process of its own. */
import { bareEcho, bareGateway, runtimeEcho } from "../bench/floor.ts";
import { connectNats } from "../nats/connect.ts";
import { plainPublish } from "./bench_stream.ts";
import { runProgram } from "./program.ts";

if (import.meta.main) {
  const [part, port] = Deno.args;
  await runProgram(`floor-${part}`, async (_log, lookup) => {
    const nc = await connectNats(lookup("NATS_URL") ?? "", `floor-${part}`);
    const server = part === "gateway"
      ? bareGateway(nc, Number(port), await plainPublish(nc))
      : undefined;
    if (part === "echo") bareEcho(nc);
    if (part === "runtime") runtimeEcho(nc);
    await nc.flush();
    return {
      async [Symbol.asyncDispose]() {
        await server?.shutdown();
        await nc.drain();
      },
    };
  });
}
