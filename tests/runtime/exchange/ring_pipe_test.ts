import { strictEqual, throws } from "node:assert";
import { constants, openSync, readSync } from "node:fs";
import { Doorbell } from "../../../runtime/exchange/doorbell.ts";
import { RingPipe } from "../../../runtime/exchange/ring_pipe.ts";
import { tempDir } from "../../support/temp_dir.ts";

const LONG_MS = 60_000;

function open(releaseMs = LONG_MS) {
  const folder = tempDir();
  const path = `${folder.path}/ring`;
  const pipe = new RingPipe(path, releaseMs);
  const flags = constants.O_RDONLY | constants.O_NONBLOCK;
  using scope = new DisposableStack();
  const file = openSync(path, flags);
  scope.use(folder);
  scope.use(pipe);
  const opened = scope.move();
  return {
    pipe,
    path,
    /** As the function side does. */
    read(): string {
      const buffer = new Uint8Array(1024);
      const count = readSync(file, buffer);
      return new TextDecoder().decode(buffer.subarray(0, count));
    },
    [Symbol.dispose]: () => opened.dispose(),
  };
}

/** A doorbell with this pipe, and a function side that is ready. */
async function connect(pipe: RingPipe) {
  using scope = new DisposableStack();
  const folder = scope.use(tempDir());
  const path = `${folder.path}/doorbell`;
  const doorbell = scope.use(Doorbell.listen(path));
  doorbell.attach({ ring: pipe });
  const other = scope.use(await Deno.connect({ transport: "unix", path }));
  const say = (text: string) => other.write(new TextEncoder().encode(text));
  await say('{"type":"ready","protocol":1}\n');
  await doorbell.ready;
  const connected = scope.move();
  return { doorbell, say, [Symbol.dispose]: () => connected.dispose() };
}

Deno.test("RingPipe rings whoever waits, in one piece", () => {
  using opened = open();
  strictEqual(opened.pipe.isWaitedAt, false);
  opened.pipe.waitedAt();
  strictEqual(opened.pipe.isWaitedAt, true);
  strictEqual(opened.pipe.ring("one"), true);
  strictEqual(opened.pipe.isWaitedAt, false);
  strictEqual(opened.read(), "one\n");
});

Deno.test("RingPipe can be read by the function, and no more", () => {
  using opened = open();
  strictEqual((Deno.statSync(opened.path).mode ?? 0) & 0o777, 0o644);
});

Deno.test("RingPipe never waits for a function that does not read", () => {
  using opened = open();
  let rings = 0;
  while (opened.pipe.ring("x".repeat(36))) rings++;
  strictEqual(rings > 0 && rings < 10_000, true);
});

Deno.test("RingPipe sends a function back when no call comes", async () => {
  using opened = open(1);
  opened.pipe.waitedAt();
  while (opened.pipe.isWaitedAt) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  strictEqual(opened.read(), "\n");
});

Deno.test("RingPipe is not rung after its end", () => {
  using opened = open();
  opened.pipe[Symbol.dispose]();
  strictEqual(opened.pipe.ring("one"), false);
});

Deno.test("RingPipe says when it cannot be made", () => {
  throws(() => new RingPipe("/proc/no-such-folder/ring"), {
    code: "unavailable",
  });
});

Deno.test("Doorbell rings at the pipe once the function says that it waits there", async () => {
  using opened = open();
  using connected = await connect(opened.pipe);
  const { doorbell, say } = connected;
  const first = doorbell.ring("a");
  await say('{"type":"done","invocation":"a","waits":true}\n');
  strictEqual(await first, "done");
  const second = doorbell.ring("b");
  strictEqual(opened.read(), "b\n");
  await say('{"type":"done","invocation":"b"}\n');
  strictEqual(await second, "done");
  strictEqual(opened.pipe.isWaitedAt, false);
});

Deno.test("Doorbell takes it for garbage that a function leaves its pipe full", async () => {
  using opened = open();
  using connected = await connect(opened.pipe);
  const { doorbell } = connected;
  while (opened.pipe.ring("unread")) { /* Until it is full. */ }
  opened.pipe.waitedAt();
  strictEqual(await doorbell.ring("a"), "garbage");
  strictEqual(doorbell.isBroken, true);
});
