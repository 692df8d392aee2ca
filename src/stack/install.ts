/** Installs Debian packages, or says in one sentence what to install. */
import { readFile } from "node:fs/promises";
import { AppError } from "../contracts/error.ts";
import { missingPackages } from "./packages.ts";
import type { Progress } from "./progress.ts";
import { lastLines, run } from "./run.ts";

const INSTALL_TIMEOUT_MS = 30 * 60_000;

/**
 * Installs those of the packages that lack.
 *
 * @throws {AppError} `unavailable` with the command to run, where this user or
 * this system cannot, or with apt's own last words
 */
export async function ensurePackages(
  names: readonly string[],
  progress: Progress,
): Promise<void> {
  const missing = await missingPackages(names);
  if (missing.length === 0) return;
  const osRelease = await readFile("/etc/os-release", "utf8").catch(() => "");
  const refusal = whyNot(missing, { uid: Deno.uid() ?? -1, osRelease });
  if (refusal) throw refusal;
  await progress.step(
    `Installing with apt-get: ${missing.join(", ")}`,
    () => install(missing, { runDir: "/run", policy: "/usr/sbin/policy-rc.d" }),
  );
}

export interface SystemFacts {
  uid: number;
  /** The text of /etc/os-release. */
  osRelease: string;
}

/** Why nothing can be installed here, with what to do instead. */
export function whyNot(
  missing: readonly string[],
  { uid, osRelease }: SystemFacts,
): AppError | undefined {
  const list = missing.join(" ");
  if (!/^ID(_LIKE)?=.*\bdebian\b/m.test(osRelease)) {
    return new AppError(
      "unavailable",
      `Cannot install "${list}": this system is not Debian`,
      {
        hint:
          `Install what these Debian packages hold with this system's own tools: ${list}`,
      },
    );
  }
  if (uid === 0) return undefined;
  const architecture = list.includes(":i386")
    ? "dpkg --add-architecture i386 && "
    : "";
  return new AppError(
    "unavailable",
    `Cannot install "${list}": that needs root`,
    {
      hint:
        `As root, run: ${architecture}apt-get update && apt-get install --no-install-recommends ${list}`,
    },
  );
}

export interface InstallPlaces {
  /** Holds the lock and the log. */
  runDir: string;
  /** Debian's script that says whether a service may start. */
  policy: string;
  /** Instead of the inherited PATH. */
  path?: string;
}

/**
 * Runs to its end even when we are killed: a package manager that is cut off
 * leaves the system half configured. Hence the script, in its own session,
 * with its own lock, log and time limits. The index is renewed when the first
 * try fails; that may fail in part, so only the install decides. No service
 * starts: where the system has no policy of its own, ours says no meanwhile.
 */
const SCRIPT = `
run=$1 policy=$2; shift 2
exec 9>"$run/oche-packages.lock"; flock 9
exec >"$run/oche-packages.log" 2>&1
mark="Oche: no service starts while it installs packages"
if grep -qs "$mark" "$policy"; then rm -f "$policy"; fi
trap 'exit 1' HUP INT TERM
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\\n# %s\\nexit 101\\n' "$mark" >"$policy"
  chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt() {
  timeout -k 30 720 apt-get -q -y -o DPkg::Lock::Timeout=120 \\
    -o Acquire::http::Timeout=30 -o Acquire::Retries=2 \\
    -o Dpkg::Options::=--force-confold "$@" 9>&-
}
put() { apt install --no-install-recommends --no-remove "$@"; }
case " $* " in *:i386*)
  dpkg --print-foreign-architectures | grep -qx i386 ||
    dpkg --add-architecture i386 || exit
esac
put "$@" && exit
apt update
put "$@"
`;

/** @throws {AppError} `unavailable` with the last lines of apt-get */
export async function install(
  names: readonly string[],
  { runDir, policy, path }: InstallPlaces,
): Promise<void> {
  const { code } = await run(
    "/usr/bin/setsid",
    ["--wait", "sh", "-c", SCRIPT, "sh", runDir, policy, ...names],
    { timeoutMs: INSTALL_TIMEOUT_MS, ...(path && { env: { PATH: path } }) },
  );
  if (code === 0) return;
  const log = await readFile(`${runDir}/oche-packages.log`, "utf8")
    .catch(() => "");
  throw new AppError(
    "unavailable",
    `Cannot install "${names.join(" ")}": apt-get ended with code ${code}`,
    { hint: lastLines(log) },
  );
}
