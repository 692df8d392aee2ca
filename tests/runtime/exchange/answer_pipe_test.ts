import { ok, rejects, strictEqual, throws } from "node:assert";
import { AnswerPipe } from "../../../runtime/exchange/answer_pipe.ts";
import { Doorbell } from "../../../runtime/exchange/doorbell.ts";
import { RingPipe } from "../../../runtime/exchange/ring_pipe.ts";
import { tempDir } from "../../support/temp_dir.ts";

const LONG_MS = 60_000;
/** Of a watch: the function side of these tests answers within, or not at all. */
const WATCH_MS = 100;
const WAITS = ["spinning", "asleep"] as const;

function open() {
  const folder = tempDir();
  const path = `${folder.path}/answer`;
  const pipe = new AnswerPipe(path);
  return {
    path,
    pipe,
    /** As the function side does. */
    say: (text: string) => Deno.writeTextFileSync(path, text),
    [Symbol.dispose]() {
      pipe[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
}

Deno.test("AnswerPipe sees an answer that is there, and none that is not", () => {
  using opened = open();
  strictEqual(opened.pipe.watch(0), undefined);
  opened.say("one\n");
  strictEqual(opened.pipe.watch(LONG_MS), "one");
  strictEqual(opened.pipe.watch(0.1), undefined);
});

Deno.test("AnswerPipe sleeps until an answer comes", async () => {
  using opened = open();
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", 'echo one > "$1"', "sh", opened.path],
  }).spawn();
  strictEqual(opened.pipe.sleep(LONG_MS), "one");
  strictEqual((await child.status).success, true);
});

Deno.test("AnswerPipe sleeps no longer than it should", () => {
  using opened = open();
  const begun = performance.now();
  strictEqual(opened.pipe.sleep(20), undefined);
  ok(performance.now() - begun >= 19);
});

Deno.test("AnswerPipe waits for an answer that comes later", async () => {
  using opened = open();
  const next = opened.pipe.next();
  opened.say("one\n");
  strictEqual(await next, "one");
});

Deno.test("AnswerPipe hands on what is no single line as it is", () => {
  using opened = open();
  opened.say("one\ntwo\n");
  strictEqual(opened.pipe.watch(LONG_MS), "one\ntwo");
  opened.say("thr");
  strictEqual(opened.pipe.watch(LONG_MS), "thr");
});

Deno.test("AnswerPipe ends a wait with itself", async () => {
  using opened = open();
  const next = opened.pipe.next();
  opened.pipe[Symbol.dispose]();
  strictEqual(await next, undefined);
  strictEqual(await opened.pipe.next(), undefined);
});

Deno.test("AnswerPipe says when it cannot be made", () => {
  throws(() => new AnswerPipe("/proc/no-such-folder/answer"), {
    code: "unavailable",
  });
});

/** A doorbell with both pipes, whose function side has answered once, at once. */
async function quick() {
  for (;;) {
    const side = await answeredOnce();
    // An upper bound of what the doorbell measured.
    if (side.tookMs < WATCH_MS) return side;
    side[Symbol.dispose]();
  }
}

async function answeredOnce() {
  using scope = new DisposableStack();
  const folder = scope.use(tempDir());
  const [ring, answer] = [`${folder.path}/ring`, `${folder.path}/answer`];
  const path = `${folder.path}/doorbell`;
  const doorbell = scope.use(Doorbell.listen(path, WATCH_MS));
  const pipe = new RingPipe(ring, LONG_MS);
  doorbell.attach({ ring: pipe, answer: new AnswerPipe(answer) });
  const other = scope.use(await Deno.connect({ transport: "unix", path }));
  const ready = '{"type":"ready","protocol":1,"waits":true}\n';
  await other.write(new TextEncoder().encode(ready));
  await doorbell.ready;
  const file = scope.use(await Deno.open(ring));
  function hear(): string {
    const buffer = new Uint8Array(1024);
    return new TextDecoder().decode(
      buffer.subarray(0, file.readSync(buffer) ?? 0),
    );
  }
  const done = (invocation: string) =>
    `{"type":"done","invocation":"${invocation}","waits":true}\n`;
  const say = (text: string) => Deno.writeTextFileSync(answer, text);
  const since = performance.now();
  const first = doorbell.ring("first", "spinning");
  await other.write(new TextEncoder().encode(done("first")));
  strictEqual(await first, "done");
  const tookMs = performance.now() - since;
  strictEqual(hear(), "first\n");
  const connected = scope.move();
  return {
    tookMs,
    doorbell,
    hear,
    say,
    sayAtDoorbell: (text: string) =>
      other.write(new TextEncoder().encode(text)),
    done,
    [Symbol.dispose]: () => connected.dispose(),
  };
}

for (const wait of WAITS) {
  Deno.test(`Doorbell waits ${wait} for the answer of a function that was quick`, async () => {
    using side = await quick();
    side.say(side.done("second"));
    strictEqual(await side.doorbell.ring("second", wait), "done");
    strictEqual(side.hear(), "!second\n");
  });
}

Deno.test("Doorbell watches for nothing while there is other work", async () => {
  using side = await quick();
  const rung = side.doorbell.ring("second", "async");
  strictEqual(side.hear(), "second\n");
  side.doorbell[Symbol.dispose]();
  strictEqual(await rung, "closed");
});

for (const wait of WAITS) {
  Deno.test(`Doorbell hears an answer that comes after waiting ${wait}`, async () => {
    using side = await quick();
    const rung = side.doorbell.ring("second", wait);
    side.say(side.done("second"));
    strictEqual(await rung, "done");
    strictEqual(side.hear(), "!second\n");
    // It was not quick this time.
    const third = side.doorbell.ring("third", wait);
    strictEqual(side.hear(), "third\n");
    side.doorbell[Symbol.dispose]();
    strictEqual(await third, "closed");
  });
}

for (
  const [what, text] of [
    ["another invocation's answer", '{"type":"done","invocation":"x"}\n'],
    ["no frame", "hello\n"],
    ["two answers at once", '{"type":"done"}\n{"type":"done"}\n'],
  ] as const
) {
  for (const wait of WAITS) {
    Deno.test(`Doorbell takes ${what} by the pipe for garbage, ${wait}`, async () => {
      using side = await quick();
      side.say(text);
      strictEqual(await side.doorbell.ring("second", wait), "garbage");
      strictEqual(side.doorbell.isBroken, true);
    });
  }
}

for (const wait of WAITS) {
  Deno.test(`Doorbell takes an answer beside the pipe at which it waits ${wait} for garbage`, async () => {
    using side = await quick();
    const rung = side.doorbell.ring("second", wait);
    await side.sayAtDoorbell(side.done("second"));
    strictEqual(await rung, "garbage");
  });

  Deno.test(`Doorbell hears the last word of who answers by the pipe and ends, ${wait} before`, async () => {
    using side = await quick();
    const rung = side.doorbell.ring("second", wait);
    // No turn of the event loop in between, as if both came at once.
    side.say(side.done("second"));
    side.doorbell[Symbol.dispose]();
    strictEqual(await rung, "done");
    strictEqual(await side.doorbell.ring("third"), "closed");
  });
}

Deno.test("Doorbell takes it for garbage that nobody asked to load", async () => {
  using side = await quick();
  const rung = side.doorbell.ring("second");
  await side.sayAtDoorbell('{"type":"loaded","waits":true}\n');
  strictEqual(await rung, "garbage");
});

Deno.test("AnswerPipe is waited at by one alone, and by few pipes at once", async () => {
  using scope = new DisposableStack();
  const waits: Promise<string | undefined>[] = [];
  while (AnswerPipe.canWait) {
    const { pipe } = scope.use(open());
    waits.push(pipe.next());
    await rejects(pipe.next(), { code: "internal" });
  }
  using side = await quick();
  const rung = side.doorbell.ring("second", "spinning");
  strictEqual(side.hear(), "second\n");
  scope.dispose();
  strictEqual((await Promise.all(waits)).every((each) => !each), true);
  side.doorbell[Symbol.dispose]();
  strictEqual(await rung, "closed");
  strictEqual(AnswerPipe.canWait, true);
});

for (const wait of WAITS) {
  Deno.test(`Doorbell that is closed waits at the pipe no longer, ${wait} before`, async () => {
    using side = await quick();
    const rung = side.doorbell.ring("second", wait);
    side.doorbell[Symbol.dispose]();
    strictEqual(await rung, "closed");
  });
}
