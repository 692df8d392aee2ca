/** One deployment as the gateway sees it: submitted, followed, ended. */
import { createHash } from "node:crypto";
import { archiveName, type BuildEvent } from "../src/contracts/deploy.ts";
import { AppError } from "../src/contracts/error.ts";
import type {
  DeploymentView,
  FunctionRecord,
  VersionRecord,
} from "../src/contracts/function.ts";
import { fromProblem } from "../src/contracts/problem.ts";
import type { GatewayDeps } from "./env.ts";
import { seeVersions } from "./found.ts";

type Deps = Pick<
  GatewayDeps,
  "registry" | "archives" | "runtime" | "limits"
>;

export interface Submission {
  name: string;
  archive: Uint8Array;
  public?: boolean;
}

export interface Deployment {
  /** Whether this content is a version already. */
  existed: boolean;
  record: FunctionRecord;
  /** As far as it is known now. */
  view(): DeploymentView;
  /** Resolves with the version in its last state. */
  ended: Promise<VersionRecord>;
  stop(): Promise<void>;
}

/**
 * Makes the version and hands it to the runtimes; durable when it returns.
 * Content that was deployed before is not built again: its version serves.
 */
export async function submit(
  deps: Deps,
  submission: Submission,
  onProgress: (event: BuildEvent) => void,
): Promise<Deployment> {
  const { registry, runtime } = deps;
  const { name, archive } = submission;
  let record = await registry.ensure(name, { public: submission.public });
  const sha256 = createHash("sha256").update(archive).digest("hex");

  const same = (await registry.versions(record.id)).findLast((each) =>
    each.sha256 === sha256 && each.status !== "failed"
  );
  if (same?.status === "ready") {
    record = await registry.setCurrent(record.id, same.version);
  }
  const version = same ?? await registry.addVersion(record.id, sha256);
  const following = follow(deps, record, version);
  const progress = await runtime.watchBuild(
    record.id,
    version.version,
    onProgress,
  );
  async function stop(): Promise<void> {
    following.stop();
    await progress[Symbol.asyncDispose]();
  }

  // A version that is under way is handed over again: whoever made it may have
  // died before, and a runtime that has it already is not disturbed.
  if (same?.status !== "ready") {
    try {
      await handOver(deps, version, archive);
    } catch (error) {
      await stop();
      throw error;
    }
  }
  return {
    existed: same?.status === "ready",
    record,
    view: () => viewOf(record, version),
    ended: following.ended,
    stop,
  };
}

/** Durable when it returns. */
async function handOver(
  { archives, runtime }: Deps,
  { functionId, version, sha256 }: VersionRecord,
  bytes: Uint8Array,
): Promise<void> {
  const archive = archiveName(functionId, version);
  await archives.put(archive, bytes);
  await runtime.deploy({ functionId, version, archive, sha256 });
}

/** Waits for the end. @throws {AppError} why it failed, or `timeout` */
export async function outcome(
  deps: Deps,
  deployment: Deployment,
): Promise<DeploymentView> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(tooLong(deployment.record.name)),
    deps.limits.deployMs,
  );
  try {
    const version = await Promise.race([deployment.ended, promise]);
    if (version.status === "failed") throw fromProblem(version.problem);
    return viewOf(deployment.record, version);
  } finally {
    clearTimeout(timer);
    await deployment.stop();
  }
}

/**
 * The version record is a deploy's outcome; build messages may be lost. A ready
 * version has ended once it serves, or a newer one does.
 */
function follow(
  { registry }: Deps,
  { current }: FunctionRecord,
  version: VersionRecord,
): { ended: Promise<VersionRecord>; stop(): void } {
  const { promise, resolve, reject } = Promise.withResolvers<VersionRecord>();
  promise.catch(() => {});
  const { functionId: id, version: number } = version;
  let newest = version;
  let serving = current ?? 0;
  function check(): void {
    if (newest.status === "failed") resolve(newest);
    else if (newest.status === "ready" && serving >= number) resolve(newest);
  }
  const watch = registry.onChange((change) => {
    if (change.type === "removed") {
      if (change.id === id) reject(removed());
      return;
    }
    const { record } = change;
    if ("functionId" in record) {
      if (record.functionId === id && record.version === number) {
        newest = record;
      }
    } else if (record.id === id) {
      serving = Math.max(serving, record.current ?? 0);
    }
    check();
  });
  check();
  return { ended: promise, stop: () => watch[Symbol.dispose]() };
}

function removed(): AppError {
  return new AppError("conflict", "The function was removed meanwhile", {
    hint: "Deploy it again",
  });
}

function viewOf(
  { id, name }: FunctionRecord,
  { version, status, class: className, file, durationMs }: VersionRecord,
): DeploymentView {
  return {
    id,
    name,
    version,
    status,
    ...(className !== undefined && { class: className }),
    ...(file !== undefined && { file }),
    ...(durationMs !== undefined && { durationMs }),
  };
}

function tooLong(name: string): AppError {
  return new AppError("timeout", "Cannot wait longer for the deploy to end", {
    hint: `It goes on. ${seeVersions(name)}`,
  });
}
