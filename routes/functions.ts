/** The registry over HTTP: list, show, versions, rollback, delete. */
import { Hono } from "hono";
import { z } from "zod";
import { reaches } from "../src/auth/api_key.ts";
import { signingSecretName } from "../src/auth/signatures.ts";
import { archiveName } from "../src/contracts/deploy.ts";
import { AppError } from "../src/contracts/error.ts";
import {
  FunctionChange,
  type FunctionRecord,
  type FunctionView,
} from "../src/contracts/function.ts";
import { requireApproved } from "../src/contracts/network.ts";
import { parse } from "../src/contracts/parse.ts";
import type { Registry } from "../src/contracts/port.ts";
import { removeTriggersOf } from "../src/trigger/orphans.ts";
import type { GatewayDeps } from "./env.ts";
import { foundFunction, seeVersions } from "./found.ts";
import { readJson } from "./json.ts";
import { requireKey, scoped } from "./middleware/auth.ts";

export const RollbackBody = z.object({
  /** Absent: the newest ready version before the current one. */
  version: z.int().positive().optional(),
});

export function functions(
  { registry, triggers, keys, logs, archives, secrets, events, networks }: Pick<
    GatewayDeps,
    | "registry"
    | "triggers"
    | "keys"
    | "logs"
    | "archives"
    | "secrets"
    | "events"
    | "networks"
  >,
): Hono {
  const app = new Hono();

  app.get("/", async (c) => {
    const key = requireKey(c, keys, "read");
    const records = (await registry.list())
      .filter(({ name }) => reaches(key, name));
    return c.json({
      functions: await Promise.all(records.map((each) => view(registry, each))),
    });
  });

  app.get("/:name", scoped(keys, "read"), async (c) => {
    const record = await foundFunction(registry, c.req.param("name"));
    return c.json(await view(registry, record));
  });

  app.get("/:name/versions", scoped(keys, "read"), async (c) => {
    const { id } = await foundFunction(registry, c.req.param("name"));
    return c.json({ versions: await registry.versions(id) });
  });

  app.post("/:name/rollback", scoped(keys, "deploy"), async (c) => {
    const record = await foundFunction(registry, c.req.param("name"));
    const body = parse(RollbackBody, await readJson(c.req.raw), "the body");
    const version = body.version ?? await versionBefore(registry, record);
    const changed = await registry.setCurrent(record.id, version);
    events.emit({
      type: "function.updated",
      functionId: record.id,
      data: { version, before: record.current, why: "rollback" },
    });
    return c.json(await view(registry, changed));
  });

  app.patch("/:name", scoped(keys, "deploy"), async (c) => {
    const { id } = await foundFunction(registry, c.req.param("name"));
    const change = parse(FunctionChange, await readJson(c.req.raw), "the body");
    if (change.network) requireApproved(change.network, networks);
    const changed = await registry.configure(id, change);
    events.emit({
      type: "function.updated",
      functionId: id,
      data: { version: changed.current, why: "settings", change },
    });
    return c.json(await view(registry, changed));
  });

  app.delete("/:name", scoped(keys, "deploy"), async (c) => {
    const { id, name } = await foundFunction(registry, c.req.param("name"));
    const versions = await registry.versions(id);
    await registry.remove(id);
    await removeTriggersOf(triggers, id);
    await secrets.remove(signingSecretName(id));
    await logs.purge(id);
    for (const { version } of versions) {
      await archives.remove(archiveName(id, version));
    }
    events.emit({
      type: "function.removed",
      functionId: id,
      data: { function: name, versions: versions.length },
    });
    return c.body(null, 204);
  });

  return app;
}

async function view(
  registry: Registry,
  record: FunctionRecord,
): Promise<FunctionView> {
  const newest = await registry.version(record.id, record.latest);
  return { ...record, status: newest?.status ?? "none" };
}

async function versionBefore(
  registry: Registry,
  { id, name, current }: FunctionRecord,
): Promise<number> {
  const before = (await registry.versions(id))
    .filter(({ status, version }) =>
      status === "ready" && version < (current ?? 0)
    ).at(-1);
  if (before) return before.version;
  throw new AppError(
    "conflict",
    `Cannot roll back "${name}": no ready version before the current one`,
    { hint: seeVersions(name) },
  );
}
