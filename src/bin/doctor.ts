/** `./oche doctor`: looks at every part that a call goes through, and says what to do. */
import { requireNetwork, requireRuntime } from "../../runtime/engine/check.ts";
import { dockerEngine } from "../../runtime/engine/docker.ts";
import { baseTag } from "../../runtime/image/tags.ts";
import { LABEL } from "../../runtime/labels.ts";
import { readDartPackages } from "../../runtime/toolchain/build_folder.ts";
import { AppError } from "../contracts/error.ts";
import { findRuntime } from "../stack/container_runtime.ts";
import { ensureDartVm } from "../stack/dart_vm.ts";
import { openInstallation } from "../stack/installation.ts";
import { isAlive } from "../stack/process.ts";
import { silentProgress } from "../stack/progress.ts";
import type { StackSettings } from "../stack/settings.ts";
import { readState, type StackState } from "../stack/state.ts";
import { planEngine } from "./engine_choice.ts";
import { gatewayAnswers, runtimeAnswers } from "./readiness.ts";

export interface Finding {
  what: string;
  ok: boolean;
  detail: string;
  hint?: string | undefined;
}

const ANSWER_MS = 3_000;
const START_FIRST = "Start it with ./oche up";

/** @param root The checkout. */
export async function examine(
  root: string,
  settings: StackSettings,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  async function look(
    what: string,
    work: () => Promise<string>,
  ): Promise<boolean> {
    try {
      findings.push({ what, ok: true, detail: await work() });
      return true;
    } catch (error) {
      const { message, hint } = AppError.from(error);
      findings.push({ what, ok: false, detail: message, hint });
      return false;
    }
  }

  const installation = await openInstallation(settings.OCHE_HOME);
  await look("admin key", () => checkKey(installation.adminKeyFile));
  await look("generated main.dart", () => checkPackages(root));
  let digest = "";
  await look("Dart VM", async () => {
    const vm = await ensureDartVm(settings.OCHE_CACHE, silentProgress);
    digest = vm.digest;
    return `${vm.version} runs here`;
  });
  const { OCHE_RUNTIME: containerRuntime } = settings;
  if (containerRuntime !== undefined) {
    await look(
      "container runtime",
      () => checkRuntime(settings.OCHE_ENGINE, containerRuntime),
    );
  }
  let state: StackState | undefined;
  const running = await look("stack", async () => {
    state = await readState(settings.OCHE_HOME);
    if (state && await isAlive(state.supervisor)) {
      return `runs since ${state.startedAt}`;
    }
    throw new AppError("unavailable", "It does not run", { hint: START_FIRST });
  });
  if (!running || !state) return findings;

  const { engineSocket = "", functionsDir = "", natsUrl = "", url = "" } =
    state;
  await look("exchange directories", () => checkFolder(functionsDir));
  await look("NATS and runtime", async () => {
    await within((signal) => runtimeAnswers(natsUrl, signal));
    return "The runtime takes invokes";
  });
  await look("gateway", async () => {
    await within((signal) => gatewayAnswers(url, signal));
    return `Answers at ${url}`;
  });
  const engine = dockerEngine({ socketPath: engineSocket });
  const reachable = await look("container engine", async () => {
    const { name, version } = await engine.ping();
    return `${name} ${version} at ${engineSocket}`;
  });
  if (!reachable) return findings;
  await look("base image", async () => {
    const tag = baseTag(installation.id, digest);
    if (await engine.hasImage(tag)) return tag;
    throw new AppError("not_found", `It is missing: ${tag}`, {
      hint: "Restart the stack; the runtime imports it at its start",
    });
  });
  await look("images", async () => {
    const images = await engine.listImages({
      [LABEL.installation]: installation.id,
    });
    const functions = images.filter(({ labels }) =>
      labels[LABEL.role] === "image"
    );
    return `${functions.length} of functions, ${
      images.length - functions.length
    } of sandboxes without one`;
  });
  await look("volume", async () => {
    const name = settings.SHARED_VOLUME_NAME;
    const path = await engine.volumePath(name);
    if (path === functionsDir) return `${name} lies over ${path}`;
    throw new AppError(
      "conflict",
      path === undefined
        ? `There is no volume "${name}"`
        : `The volume "${name}" lies over ${path}, not over ${functionsDir}`,
      { hint: "Set SHARED_VOLUME_NAME as the runtime has it, and restart" },
    );
  });
  for (const network of settings.OCHE_NETWORKS) {
    await look("network", async () => {
      await requireNetwork(engine, network);
      return `${network} is there`;
    });
  }
  return findings;
}

async function checkRuntime(choice: string, name: string): Promise<string> {
  const plan = await planEngine(choice);
  if (plan.embedded) return await findRuntime(name);
  await requireRuntime(dockerEngine(plan), name);
  return `The engine runs ${name}`;
}

async function checkKey(file: string): Promise<string> {
  const { mode } = await Deno.stat(file);
  if (((mode ?? 0) & 0o077) === 0) return file;
  throw new AppError("forbidden", "Others can read it", {
    hint: `Run chmod 600 "${file}"`,
  });
}

/** Without them every deploy would fail for want of a main.dart to build. */
async function checkPackages(root: string): Promise<string> {
  try {
    const files = await readDartPackages(`${root}/templates`);
    return `${files.size} files of its packages are there`;
  } catch (cause) {
    throw new AppError(
      "not_found",
      "The Dart packages in templates/ are missing",
      {
        hint: "Check out the repository again",
        cause,
      },
    );
  }
}

/** What "request.json not found" comes from: no folder, no right, no room. */
async function checkFolder(path: string): Promise<string> {
  const probe = `${path}/.doctor`;
  try {
    await Deno.writeTextFile(probe, "probe");
    await Deno.remove(probe);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AppError("unavailable", `Cannot write below ${path}: ${why}`, {
      hint: "Is it mounted, yours and not full? Restart the stack",
      cause,
    });
  }
  const mounts = await Deno.readTextFile("/proc/self/mountinfo");
  const line = mounts.split("\n").find((each) => each.split(" ")[4] === path);
  if (!line || / shared:\d+ /.test(line)) return path;
  throw new AppError("unavailable", `${path} is not mounted shared`, {
    hint: `Run mount --make-shared ${path}`,
  });
}

async function within(
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const signal = AbortSignal.timeout(ANSWER_MS);
  await work(signal);
  if (signal.aborted) {
    throw new AppError("timeout", "No answer", {
      hint: "Look at the logs in OCHE_HOME",
    });
  }
}
