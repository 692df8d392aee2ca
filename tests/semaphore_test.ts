import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { Semaphore } from "../src/semaphore.ts";

Deno.test("Semaphore.acquire() lets so many in, and the others in the order of their coming", async () => {
  const semaphore = new Semaphore(2);
  const entered: number[] = [];
  const held: Disposable[] = [];
  const all = Array.from({ length: 4 }, async (_, number) => {
    held.push(await semaphore.acquire());
    entered.push(number);
  });
  await Promise.all(all.slice(0, 2));
  deepStrictEqual(entered, [0, 1]);
  held[1]?.[Symbol.dispose]();
  await all[2];
  deepStrictEqual(entered, [0, 1, 2]);
  held[0]?.[Symbol.dispose]();
  await all[3];
  for (const permit of held.slice(2)) permit[Symbol.dispose]();
  using _permit = await semaphore.acquire();
});

Deno.test("Semaphore.tryAcquire() refuses whom the line has no room for", async () => {
  const semaphore = new Semaphore(1, 1);
  const first = await semaphore.tryAcquire();
  const second = semaphore.tryAcquire();
  ok(first && second);
  strictEqual(semaphore.tryAcquire(), undefined);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  const permit = await second;
  ok(semaphore.tryAcquire());
  permit[Symbol.dispose]();
});

Deno.test("Semaphore.idle() resolves when the last of the line is done", async () => {
  const semaphore = new Semaphore(1);
  await semaphore.idle();
  const ended: string[] = [];
  const first = await semaphore.acquire();
  const second = semaphore.acquire();
  const idle = semaphore.idle().then(() => ended.push("idle"));
  first[Symbol.dispose]();
  const permit = await second;
  ended.push("second");
  permit[Symbol.dispose]();
  await idle;
  deepStrictEqual(ended, ["second", "idle"]);
});
