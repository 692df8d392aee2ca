import { strictEqual } from "node:assert";
import { Attempts } from "../../src/trigger/attempts.ts";

Deno.test("the server's number counts, until it forgets what ran here", () => {
  const attempts = new Attempts();
  strictEqual(attempts.begin({ seq: 1, attempt: 1 }), 1);
  strictEqual(attempts.begin({ seq: 1, attempt: 2 }), 2);
  strictEqual(attempts.begin({ seq: 1, attempt: 1 }), 3);
  strictEqual(attempts.begin({ seq: 1, attempt: 7 }), 7);
  strictEqual(attempts.begin({ seq: 2, attempt: 1 }), 1);
});

Deno.test("what did not run is no attempt, and what is done with is forgotten", () => {
  const attempts = new Attempts();
  attempts.undo({ seq: 1 }, attempts.begin({ seq: 1, attempt: 1 }));
  strictEqual(attempts.begin({ seq: 1, attempt: 1 }), 1);
  attempts.end({ seq: 1 });
  strictEqual(attempts.begin({ seq: 1, attempt: 1 }), 1);
});

Deno.test("a gateway does not remember for ever", () => {
  const attempts = new Attempts();
  for (let seq = 0; seq <= 10_000; seq++) attempts.begin({ seq, attempt: 1 });
  strictEqual(attempts.begin({ seq: 0, attempt: 1 }), 1);
  strictEqual(attempts.begin({ seq: 5_000, attempt: 1 }), 2);
});
