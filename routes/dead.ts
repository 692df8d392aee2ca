/** `/api/dead`: look at dead letters, run them again, drop them; one or many. */
import { Hono } from "hono";
import { z } from "zod";
import {
  type DeadBulk,
  DeadFilter,
  type DeadLetter,
  type DeadSummary,
} from "../src/contracts/dead.ts";
import { AppError } from "../src/contracts/error.ts";
import { InvocationId, invocationIdOf } from "../src/contracts/invocation.ts";
import { parse } from "../src/contracts/parse.ts";
import type { GatewayDeps } from "./env.ts";
import { foundFunction } from "./found.ts";
import { readJson } from "./json.ts";
import { scoped } from "./middleware/auth.ts";

/** Numbers as such: this is no query. */
export const DeadBulkBody = DeadFilter.extend({
  /** At most so many a second. */
  perSecond: z.int().min(1).max(1_000).default(100),
});

/** What a redrive of one answers. */
export const Redriven = z.object({
  /** Of the new invocation. */
  invocationId: z.string(),
  redriveOf: z.array(z.string()),
});

type Deps = Pick<GatewayDeps, "dead" | "async" | "registry" | "keys">;

export function dead(deps: Deps): Hono {
  const { dead: letters, registry, keys } = deps;
  const app = new Hono();

  async function search({ function: ref, ...filter }: DeadFilter) {
    // A function that is gone is known by its id alone.
    const known = ref === undefined ? undefined : await registry.find(ref);
    return await letters.list({ ...filter, functionId: known?.id ?? ref });
  }

  async function found(id: string): Promise<DeadLetter> {
    const letter = await letters.find(
      parse(InvocationId, id, "the invocation's id"),
    );
    if (letter) return letter;
    throw new AppError("not_found", `Cannot find the dead letter "${id}"`, {
      hint: "List them: ./oche dead list",
    });
  }

  async function many(
    body: unknown,
    act: (letter: DeadLetter) => Promise<unknown>,
  ): Promise<DeadBulk> {
    const { perSecond, ...filter } = parse(DeadBulkBody, body, "the body");
    if (filter.function !== undefined) await refOf(filter.function);
    const page = await search(filter);
    const begun = performance.now();
    for (const [index, letter] of page.letters.entries()) {
      const due = begun + index * 1_000 / perSecond;
      await pause(due - performance.now());
      await act(letter);
    }
    return { done: page.letters.length, more: page.more };
  }

  async function refOf(ref: string): Promise<void> {
    if (!z.uuid().safeParse(ref).success) await foundFunction(registry, ref);
  }

  app.get("/", scoped(keys, "read"), async (c) => {
    const filter = parse(DeadFilter, c.req.query(), "the query");
    if (filter.function !== undefined) await refOf(filter.function);
    const page = await search(filter);
    return c.json({
      letters: await Promise.all(page.letters.map(summary)),
      more: page.more,
    });
  });

  async function summary(
    { record: _record, message: _message, ...letter }: DeadLetter,
  ): Promise<DeadSummary> {
    const name = (await registry.find(letter.functionId))?.name;
    return { ...letter, ...(name !== undefined && { function: name }) };
  }

  app.get(
    "/:id",
    scoped(keys, "read"),
    async (c) => c.json(await found(c.req.param("id"))),
  );

  app.post("/redrive", scoped(keys, "deploy"), async (c) => {
    const body = await readJson(c.req.raw);
    return c.json(
      await many(body, async (letter) => {
        if (letter.message) await redrive(deps, letter);
      }),
    );
  });

  app.post("/drop", scoped(keys, "deploy"), async (c) => {
    const body = await readJson(c.req.raw);
    return c.json(await many(body, ({ id }) => letters.remove(id)));
  });

  app.post("/:id/redrive", scoped(keys, "deploy"), async (c) => {
    const letter = await found(c.req.param("id"));
    return c.json(await redrive(deps, letter), 202);
  });

  app.delete("/:id", scoped(keys, "deploy"), async (c) => {
    const { id } = await found(c.req.param("id"));
    await letters.remove(id);
    return c.body(null, 204);
  });

  return app;
}

/** The same letter makes the same invocation: a crash between is harmless. */
async function redrive(
  { async: invocations, dead }: Pick<Deps, "async" | "dead">,
  { id, message, deadAt }: DeadLetter,
): Promise<z.output<typeof Redriven>> {
  if (!message) {
    throw new AppError("conflict", "Cannot run it again: it cannot be read", {
      hint: `Drop it: ./oche dead drop ${id}`,
    });
  }
  const { notBefore: _, ...submission } = message;
  const redriveOf = [...(message.redriveOf ?? []), id].slice(-100);
  const { invocationId } = await invocations.submit({
    ...submission,
    invocationId: invocationIdOf("redrive", id, deadAt),
    redriveOf,
  });
  await dead.remove(id);
  return { invocationId, redriveOf };
}

async function pause(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
