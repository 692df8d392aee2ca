import { strictEqual, throws } from "node:assert";
import { z } from "zod";
import { chainShape } from "../../src/contracts/chain.ts";
import { FunctionName, FunctionRef } from "../../src/contracts/function.ts";
import { KeyRequest } from "../../src/contracts/key.ts";
import { parse } from "../../src/contracts/parse.ts";
import { NewTrigger } from "../../src/contracts/trigger.ts";

const count = z.coerce.number().int().min(1).max(100);

const REFUSED: [schema: z.ZodType, value: unknown, says: string][] = [
  [z.object({ count }), { count: "x" }, 'count: must be a number, not "x"'],
  [z.object({ count }), { count: "0" }, "count: must be at least 1, not 0"],
  [z.object({ count }), { count: 101 }, "count: must be at most 100, not 101"],
  [
    z.object({ count: z.int() }),
    { count: 1.5 },
    "count: must be a whole number, not 1.5",
  ],
  [
    z.object({ count: z.int() }),
    {},
    "count: must be a number, but is missing",
  ],
  [z.object({}), [], "it must be an object, not a list"],
  [z.strictObject({}), { b: 1 }, 'there is no field "b"'],
  [z.array(z.string()), ["a", null], "1: must be text, not null"],
  [z.enum(["a", "b"]), "c", 'it must be one of "a", "b", not "c"'],
  [z.literal(true), false, "it must be true, not false"],
  [z.string().min(1), "", "it must not be empty"],
  [z.string().max(2), "abc", "it must have at most 2 characters, not 3"],
  [z.array(z.int()).max(1), [1, 2], "it must hold at most 1, not 2"],
  [z.number().gt(3), 3, "it must be more than 3, not 3"],
  [z.uuid(), "x", "it must be a UUID"],
  [z.string().startsWith("/"), "x", 'it must begin with "/"'],
  [z.string().regex(/^a$/), "x", "it must match /^a$/"],
  [z.string().refine(() => false), "x", "it is not allowed"],
  [
    z.enum(["a"]),
    "x".repeat(60),
    `it must be "a", not "${"x".repeat(40)}"…`,
  ],
  [
    z.union([z.string(), z.array(z.string())]),
    3,
    "it must be text or a list, not 3",
  ],
  [
    z.object({ to: z.union([z.string(), z.array(z.string())]) }),
    { to: [1] },
    "to.0: must be text, not 1",
  ],
  [
    NewTrigger,
    { name: "t", type: "nope" },
    'type: must be one of "webhook", "cron", "subject", "chain", not "nope"',
  ],
  [
    NewTrigger,
    { name: "t" },
    'type: must be one of "webhook", "cron", "subject", "chain", but is missing',
  ],
  [
    z.object({ to: z.union([z.string().min(1), z.array(z.string())]) }),
    { to: "" },
    "to: must not be empty",
  ],
  [
    z.object({ to: chainShape.to }),
    {},
    "to: must be an object, but is missing",
  ],
  [
    z.object({ to: chainShape.to }),
    { to: {} },
    "to.function: must be text, but is missing",
  ],
  [
    z.record(z.string().regex(/^a/, "is not an HTTP token"), z.string()),
    { b: "" },
    "b: the name is not an HTTP token",
  ],
  [
    KeyRequest,
    { name: "a", scopes: ["read", "write"] },
    'scopes.1: must be one of "admin", "deploy", "invoke", "read", not "write"',
  ],
  [
    FunctionName,
    "9",
    "it must start with a letter and hold at most 63 of a-z, 0-9 and -",
  ],
  [FunctionRef, "9", "it is neither the name of a function nor its id"],
];

for (const [schema, value, says] of REFUSED) {
  Deno.test(`parse() says: ${says}`, () => {
    throws(() => parse(schema, value, "it all"), (error: Error) => {
      strictEqual(error.message, `Cannot read it all: ${says}`);
      return true;
    });
  });
}
