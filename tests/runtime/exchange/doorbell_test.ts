import { rejects, strictEqual } from "node:assert";
import { Doorbell } from "../../../runtime/exchange/doorbell.ts";
import { tempDir } from "../../support/temp_dir.ts";

interface Pair extends Disposable {
  doorbell: Doorbell;
  /** The function side. */
  other: Deno.UnixConn;
  say(text: string): Promise<void>;
  hear(): Promise<string>;
}

async function connect(): Promise<Pair> {
  const folder = tempDir();
  const path = `${folder.path}/doorbell`;
  const doorbell = Doorbell.listen(path);
  const other = await Deno.connect({ transport: "unix", path });
  return {
    doorbell,
    other,
    async say(text) {
      await other.write(new TextEncoder().encode(text));
    },
    async hear() {
      const buffer = new Uint8Array(1024);
      const count = await other.read(buffer) ?? 0;
      return new TextDecoder().decode(buffer.subarray(0, count));
    },
    [Symbol.dispose]() {
      doorbell[Symbol.dispose]();
      try {
        other.close();
      } catch {
        // The test closed it.
      }
      folder[Symbol.dispose]();
    },
  };
}

const READY = '{"type":"ready","protocol":1}\n';

Deno.test("Doorbell serves one ring after the other", async () => {
  using pair = await connect();
  await pair.say(READY);
  strictEqual(await pair.doorbell.ready, "ready");
  for (const invocation of ["a", "b"]) {
    const rung = pair.doorbell.ring(invocation);
    strictEqual(
      await pair.hear(),
      `{"type":"ring","invocation":"${invocation}"}\n`,
    );
    await pair.say(`{"type":"done","invocation":"${invocation}"}\n`);
    strictEqual(await rung, "done");
  }
});

Deno.test("Doorbell takes a frame in pieces", async () => {
  using pair = await connect();
  for (
    const piece of [READY.slice(0, 5), READY.slice(5, 20), READY.slice(20)]
  ) {
    await pair.say(piece);
  }
  strictEqual(await pair.doorbell.ready, "ready");
});

const GARBAGE = [
  ["no JSON", "hello\n"],
  ["an unknown type", '{"type":"dance"}\n'],
  ["another protocol", '{"type":"ready","protocol":2}\n'],
  ["a list", "[]\n"],
  ["done before any ring", '{"type":"done","invocation":"a"}\n'],
  ["bytes", "\x00\xff\n"],
  ["an endless line", "x".repeat(100_000)],
];

for (const [what, text = ""] of GARBAGE) {
  Deno.test(`Doorbell takes ${what} for garbage`, async () => {
    using pair = await connect();
    await pair.say(text).catch(() => {});
    strictEqual(await pair.doorbell.ready, "garbage");
    strictEqual(await pair.doorbell.ring("a"), "garbage");
  });
}

for (const frame of [READY, '{"type":"loaded"}\n']) {
  Deno.test(`Doorbell takes a second ${frame.trim()} for garbage`, async () => {
    using pair = await connect();
    await pair.say(frame + frame);
    await pair.doorbell.broken;
    strictEqual(await pair.doorbell.ring("a"), "garbage");
  });
}

Deno.test("Doorbell takes an answer to another ring for garbage", async () => {
  using pair = await connect();
  await pair.say(READY);
  await pair.doorbell.ready;
  const rung = pair.doorbell.ring("mine");
  await pair.say('{"type":"done","invocation":"other"}\n');
  strictEqual(await rung, "garbage");
});

Deno.test("Doorbell takes it for garbage that a function waits at no pipe", async () => {
  using pair = await connect();
  await pair.say(READY);
  await pair.doorbell.ready;
  const rung = pair.doorbell.ring("a");
  await pair.say('{"type":"done","invocation":"a","waits":true}\n');
  strictEqual(await rung, "garbage");
});

Deno.test("Doorbell takes a second answer for garbage", async () => {
  using pair = await connect();
  await pair.say(READY);
  await pair.doorbell.ready;
  const rung = pair.doorbell.ring("a");
  const done = '{"type":"done","invocation":"a"}\n';
  await pair.say(done + done);
  strictEqual(await rung, "done");
  strictEqual(await pair.doorbell.ring("b"), "garbage");
});

Deno.test("Doorbell tells of a function side that goes away", async () => {
  using pair = await connect();
  await pair.say(READY);
  await pair.doorbell.ready;
  const rung = pair.doorbell.ring("a");
  pair.other.close();
  strictEqual(await rung, "closed");
});

Deno.test("Doorbell hears a second connection too, and no third", async () => {
  using folder = tempDir();
  const path = `${folder.path}/doorbell`;
  using doorbell = Doorbell.listen(path);
  const say = (connection: Deno.UnixConn, text: string) =>
    connection.write(new TextEncoder().encode(text));
  using first = await Deno.connect({ transport: "unix", path });
  await say(first, READY);
  await doorbell.ready;
  const rung = doorbell.ring("a");
  using second = await Deno.connect({ transport: "unix", path });
  await say(second, '{"type":"done","invocation":"a"}\n');
  strictEqual(await rung, "done");
  await rejects(Deno.connect({ transport: "unix", path }));
  const last = doorbell.ring("b");
  first.close();
  await say(second, '{"type":"done","invocation":"b"}\n');
  strictEqual(await last, "done");
  second.close();
  await doorbell.broken;
});
