/** `POST /api/functions/:name/deployments`: an archive becomes a version. */
import { type Context, Hono } from "hono";
import { z } from "zod";
import { FunctionName } from "../src/contracts/function.ts";
import { parse } from "../src/contracts/parse.ts";
import type { BuildEvent } from "../src/contracts/deploy.ts";
import { toProblem } from "../src/contracts/problem.ts";
import { readArchive } from "./archive.ts";
import {
  type Deployment,
  outcome,
  type Submission,
  submit,
} from "./deployment.ts";
import type { GatewayDeps } from "./env.ts";
import { scoped } from "./middleware/auth.ts";
import { eventStream } from "./sse.ts";

const Query = z.object({
  public: z.enum(["true", "false"]).optional(),
  dryRun: z.enum(["true", "false"]).optional(),
});

type Deps = Pick<
  GatewayDeps,
  "registry" | "archives" | "claims" | "runtime" | "keys" | "limits"
>;

export function deployments(deps: Deps): Hono {
  const app = new Hono();

  app.post("/:name/deployments", scoped(deps.keys, "deploy"), async (c) => {
    const name = parse(FunctionName, c.req.param("name"), "the function name");
    const query = parse(Query, c.req.query(), "the query");
    const archive = await readArchive(c.req.raw, deps.limits.archiveBytes);
    if (query.dryRun === "true") {
      return c.json(await validate(deps, archive));
    }
    const submission: Submission = {
      name,
      archive,
      ...(query.public !== undefined && { public: query.public === "true" }),
    };
    if (c.req.header("accept")?.includes("text/event-stream")) {
      return stream(c, deps, submission);
    }
    const deployment = await submit(deps, submission, () => {});
    if (c.req.header("prefer")?.includes("respond-async")) {
      await deployment.stop();
      return c.json(deployment.view(), 202, {
        location: `/api/functions/${name}/versions`,
        "preference-applied": "respond-async",
      });
    }
    const view = await outcome(deps, deployment);
    return c.json(view, deployment.existed ? 200 : 201);
  });

  return app;
}

async function validate(
  { claims, runtime }: Deps,
  archive: Uint8Array,
): Promise<unknown> {
  const name = crypto.randomUUID();
  await claims.put(name, archive);
  return await runtime.validate({ archive: name });
}

/** Events `step`, `log`, and at the end `done` or `error`. */
function stream(c: Context, deps: Deps, submission: Submission): Response {
  return eventStream(c, async (send) => {
    let deployment: Deployment | undefined;
    try {
      deployment = await submit(deps, submission, (event: BuildEvent) => {
        if (event.type === "end") return;
        const { type, ...data } = event;
        send(type, data);
      });
      send("done", await outcome(deps, deployment));
    } catch (error) {
      send("error", toProblem(error));
    }
  });
}
