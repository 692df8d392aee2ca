/** The trigger API: `/api/functions/:name/triggers`, and `/api/triggers` for all. */
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { reaches } from "../src/auth/api_key.ts";
import { NextQuery, type NextTimes } from "../src/contracts/cron.ts";
import { AppError } from "../src/contracts/error.ts";
import type { FunctionRecord } from "../src/contracts/function.ts";
import type { Scope } from "../src/contracts/key.ts";
import { parse } from "../src/contracts/parse.ts";
import {
  NewTrigger,
  TriggerChange,
  type TriggerCreated,
  type TriggerRecord,
  TriggerRef,
  type TriggerView,
} from "../src/contracts/trigger.ts";
import { reachOf } from "../src/trigger/reach.ts";
import { changeTrigger, makeTrigger } from "../src/trigger/record.ts";
import { nextTimes, readSchedule } from "../src/trigger/schedule.ts";
import { triggerEvent } from "../src/trigger/trigger_events.ts";
import type { GatewayDeps } from "./env.ts";
import { foundFunction } from "./found.ts";
import { readJson } from "./json.ts";
import { requireKey, requireScope, scoped } from "./middleware/auth.ts";

/** Of one function. */
const MAX_TRIGGERS = 100;

type TriggerDeps = Pick<
  GatewayDeps,
  "registry" | "triggers" | "sealer" | "keys" | "publicUrl" | "events"
>;

/** The triggers of a function; below `/api/functions`. */
export function functionTriggers(deps: TriggerDeps): Hono {
  const { registry, triggers, sealer, keys } = deps;
  const app = new Hono();

  app.get("/:name/triggers", scoped(keys, "read"), async (c) => {
    const record = await foundFunction(registry, c.req.param("name"));
    const own = await ofFunction(deps, record);
    return c.json({
      triggers: own.map((each) => view(c, deps, each, record.name)),
    });
  });

  app.post("/:name/triggers", scoped(keys, "deploy"), async (c) => {
    const record = await foundFunction(registry, c.req.param("name"));
    const body = parse(NewTrigger, await readJson(c.req.raw), "the trigger");
    requireReach(c, deps, body);
    if ((await ofFunction(deps, record)).length >= MAX_TRIGGERS) {
      throw new AppError(
        "conflict",
        `Cannot add a trigger: "${record.name}" has ${MAX_TRIGGERS}`,
        { hint: "Remove one first" },
      );
    }
    const made = await makeTrigger(body, record.id, sealer, new Date());
    await triggers.create(made.record);
    await stillThere(deps, made.record);
    deps.events.emit(triggerEvent("trigger.created", made.record));
    const { id, name } = made.record;
    const location = `/api/triggers/${name}`;
    const answer: TriggerCreated = {
      id,
      name,
      url: hookUrl(c, deps, made.record) ?? `${origin(c, deps)}${location}`,
      ...(made.secret !== undefined && { secret: made.secret }),
    };
    return c.json(answer, 201, { location });
  });

  app.get("/:name/triggers/:trigger", scoped(keys, "read"), (c) => show(c));
  app.get(
    "/:name/triggers/:trigger/next",
    scoped(keys, "read"),
    (c) => next(c),
  );
  app.patch("/:name/triggers/:trigger", scoped(keys, "deploy"), (c) => edit(c));
  app.delete(
    "/:name/triggers/:trigger",
    scoped(keys, "deploy"),
    (c) => remove(c),
  );

  const { show, next, edit, remove } = handlers(deps);
  return app;
}

/** Every trigger of the installation; below `/api/triggers`. */
export function allTriggers(deps: TriggerDeps): Hono {
  const { registry, triggers, keys } = deps;
  const { show, next, edit, remove } = handlers(deps);
  const app = new Hono();

  /** A key for some functions reaches their triggers, by whichever route. */
  function reaching(scope: Scope): MiddlewareHandler {
    return async function reaching(c, next) {
      requireKey(c, keys, scope);
      const { name } = await foundTrigger(c, deps);
      requireScope(c, keys, scope, name);
      await next();
    };
  }

  app.get("/", async (c) => {
    const key = requireKey(c, keys, "read");
    const names = new Map(
      (await registry.list()).map(({ id, name }) => [id, name]),
    );
    return c.json({
      triggers: (await triggers.list())
        .map((record) => ({ record, name: names.get(record.functionId) }))
        .filter(({ name }) => reaches(key, name))
        .map(({ record, name }) =>
          view(c, deps, record, name ?? record.functionId)
        ),
    });
  });
  app.get("/:trigger", reaching("read"), (c) => show(c));
  app.get("/:trigger/next", reaching("read"), (c) => next(c));
  app.patch("/:trigger", reaching("deploy"), (c) => edit(c));
  app.delete("/:trigger", reaching("deploy"), (c) => remove(c));
  return app;
}

/** What both sets of routes do with one trigger. */
function handlers(deps: TriggerDeps) {
  const { triggers, sealer } = deps;
  return {
    async show(c: Context): Promise<Response> {
      const { record, name } = await foundTrigger(c, deps);
      return c.json(view(c, deps, record, name));
    },

    async next(c: Context): Promise<Response> {
      const { record } = await foundTrigger(c, deps);
      const { count } = parse(NextQuery, c.req.query(), "the query");
      if (record.type !== "cron") {
        throw new AppError(
          "invalid",
          `Cannot tell when "${record.name}" fires: it is a ${record.type} trigger`,
          { hint: "Cron triggers have times" },
        );
      }
      const schedule = readSchedule(record.expression, record.timeZone);
      const answer: NextTimes = {
        next: nextTimes(schedule, Date.now(), count)
          .map((time) => new Date(time).toISOString()),
      };
      return c.json(answer);
    },

    async edit(c: Context): Promise<Response> {
      const { record, name } = await foundTrigger(c, deps);
      const body = parse(TriggerChange, await readJson(c.req.raw), "the body");
      const change = await changeTrigger(record, body, sealer, new Date());
      requireReach(c, deps, change(record));
      const changed = await triggers.update(record.name, change);
      deps.events.emit(triggerEvent("trigger.updated", changed));
      return c.json(view(c, deps, changed, name));
    },

    async remove(c: Context): Promise<Response> {
      const { record } = await foundTrigger(c, deps);
      await triggers.remove(record.name);
      deps.events.emit(triggerEvent("trigger.removed", record));
      return c.body(null, 204);
    },
  };
}

/** A key that is limited to functions. @throws {AppError} `forbidden` */
function requireReach(
  c: Context,
  { keys }: TriggerDeps,
  trigger: NewTrigger | TriggerRecord,
): void {
  const { function: target, all } = reachOf(trigger);
  if (all || target) requireScope(c, keys, "deploy", target);
}

/** A function that goes while its trigger comes takes it along. */
async function stillThere(
  { registry, triggers }: TriggerDeps,
  { name, functionId }: TriggerRecord,
): Promise<void> {
  if (await registry.find(functionId)) return;
  await triggers.remove(name);
  await foundFunction(registry, functionId);
}

async function ofFunction(
  { triggers }: TriggerDeps,
  { id }: FunctionRecord,
): Promise<TriggerRecord[]> {
  return (await triggers.list()).filter(({ functionId }) => functionId === id);
}

/** @throws {AppError} `invalid`, `not_found`; also when it is another function's */
async function foundTrigger(
  c: Context,
  { registry, triggers }: TriggerDeps,
): Promise<{ record: TriggerRecord; name: string }> {
  const ref = c.req.param("trigger") ?? "";
  const within = c.req.param("name");
  const owner = within === undefined
    ? undefined
    : await foundFunction(registry, within);
  const record = await triggers.find(parse(TriggerRef, ref, `"${ref}"`));
  if (!record || (owner && owner.id !== record.functionId)) {
    throw new AppError("not_found", `Cannot find trigger "${ref}"`, {
      hint: "List what there is: ./oche triggers list (GET /api/triggers)",
    });
  }
  const { functionId } = record;
  const name = (owner ?? await registry.find(functionId))?.name ?? functionId;
  return { record, name };
}

function view(
  c: Context,
  deps: TriggerDeps,
  record: TriggerRecord,
  functionName: string,
): TriggerView {
  const url = hookUrl(c, deps, record);
  const shown = { ...record, function: functionName, ...(url && { url }) };
  if (shown.type !== "webhook") return shown;
  return {
    ...shown,
    secrets: shown.secrets.map(({ sealed: _, ...times }) => times),
  };
}

function hookUrl(
  c: Context,
  deps: TriggerDeps,
  { type, name }: TriggerRecord,
): string | undefined {
  return type === "webhook" ? `${origin(c, deps)}/hooks/${name}` : undefined;
}

/** Where callers reach the gateway: as configured, else as this one did. */
function origin(c: Context, { publicUrl }: TriggerDeps): string {
  return publicUrl ?? new URL(c.req.url).origin;
}
