import { deepStrictEqual } from "node:assert";
import { Semaphore } from "../../runtime/semaphore.ts";

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
