/** Which answers wait for others, and for how many. */
import { deepStrictEqual, strictEqual } from "node:assert";
import { ReplyBatch } from "../../src/nats/reply_batch.ts";
import { until } from "../support/until.ts";

const MANY = 16;

function batch() {
  const sent: number[] = [];
  const replies = new ReplyBatch();
  return {
    sent,
    replies,
    add: (answer: number, calls: number) =>
      replies.add(() => sent.push(answer), calls),
  };
}

Deno.test("ReplyBatch sends at once where few calls run", () => {
  const { sent, add } = batch();
  for (const answer of [1, 2, 3]) add(answer, 2);
  deepStrictEqual(sent, [1, 2, 3]);
});

Deno.test("ReplyBatch holds answers of many calls, and sends them in order", () => {
  const { sent, replies, add } = batch();
  const all = Array.from({ length: MANY }, (_, index) => index);
  for (const answer of all) add(answer, MANY);
  strictEqual(sent[0], 0);
  replies.flush();
  deepStrictEqual(sent, all);
});

Deno.test("ReplyBatch holds no answer for long", async () => {
  const { sent, add } = batch();
  add(1, MANY);
  add(2, MANY);
  await until(() => Promise.resolve(sent.length === 2));
});

Deno.test("ReplyBatch sends what is held when fewer calls run", () => {
  const { sent, add } = batch();
  add(1, MANY);
  add(2, MANY);
  add(3, 2);
  deepStrictEqual(sent, [1, 2, 3]);
});
