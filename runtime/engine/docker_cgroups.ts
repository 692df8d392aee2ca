/**
 * The cgroups of containers, read and written by hand where they are in reach:
 * the freezer and the CPU limit change in microseconds, where the engine's API
 * takes ten milliseconds and more, and the kernel's count of kills for want of
 * memory is what the engine's API does not tell.
 *
 * Kernel documentation: cgroup-v1/freezer-subsystem, cgroup-v1/memory
 * ("memory.oom_control"), scheduler/sched-bwc, admin-guide/cgroup-v2
 * ("cgroup.freeze", "cpu.max", "memory.events").
 */
// @ts-types="@types/dockerode"
import type Docker from "dockerode";

const CGROUPS = "/sys/fs/cgroup";
const CPU_PERIOD_US = 100_000;
/** Stands for the container's id in a learnt path. */
const ID = "{id}";

interface Files {
  freezer: { file: string; frozen: string; thawed: string } | undefined;
  cpu: { file: string; hasPeriod: boolean } | undefined;
  /** Has a line `oom_kill N`. */
  memory: string | undefined;
}

export class ContainerCgroups {
  /** How paths are made of ids; undefined until one was looked at. */
  #learnt: Files | undefined;
  #isOutOfReach = false;

  /** Whether it is known how an engine names its cgroups. */
  get isKnown(): boolean {
    return this.#learnt !== undefined || this.#isOutOfReach;
  }

  /** Learns the names from one process of a container. */
  learn(id: string, pid: number): void {
    if (this.isKnown) return;
    try {
      this.#learnt = findFiles(
        Deno.readTextFileSync(`/proc/${pid}/cgroup`),
        id,
      );
    } catch {
      this.#learnt = undefined; // Another host's process, or it ended.
    }
    this.#isOutOfReach = this.#learnt === undefined;
  }

  /** @returns false when that is out of reach from here */
  setFrozen(id: string, isFrozen: boolean): boolean {
    const found = this.#learnt?.freezer;
    return found !== undefined &&
      write(found.file, id, isFrozen ? found.frozen : found.thawed);
  }

  isFrozen(id: string): boolean {
    const found = this.#learnt?.freezer;
    if (!found) return false;
    try {
      const text = Deno.readTextFileSync(found.file.replaceAll(ID, id));
      return text.trim() !== found.thawed;
    } catch {
      return false;
    }
  }

  /** Processes killed for want of memory; undefined when out of reach, or gone. */
  oomKills(id: string): number | undefined {
    const file = this.#learnt?.memory;
    if (file === undefined) return undefined;
    try {
      const text = Deno.readTextFileSync(file.replaceAll(ID, id));
      const [, count] = /^oom_kill (\d+)$/m.exec(text) ?? [];
      return count === undefined ? undefined : Number(count);
    } catch {
      return undefined;
    }
  }

  /** @returns false when that is out of reach from here */
  setCpus(id: string, cpus: number): boolean {
    const found = this.#learnt?.cpu;
    if (!found) return false;
    const quota = Math.round(cpus * CPU_PERIOD_US);
    return write(
      found.file,
      id,
      found.hasPeriod ? `${quota} ${CPU_PERIOD_US}` : String(quota),
    );
  }
}

/** How the engine names its cgroups, from one container that runs, once. */
export async function learnCgroups(
  docker: Docker,
  cgroups: ContainerCgroups,
  id: string,
): Promise<void> {
  if (cgroups.isKnown) return;
  const { State } = await docker.getContainer(id).inspect();
  if (State.Pid) cgroups.learn(id, State.Pid);
}

/** The files of a container's own cgroups; never of one that others share. */
function findFiles(cgroups: string, id: string): Files | undefined {
  const paths = new Map<string, string>();
  for (const line of cgroups.split("\n")) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined || !path?.includes(id)) continue;
    for (const controller of controllers.split(",")) {
      paths.set(controller, path);
    }
  }
  function place(controller: string, name: string): string | undefined {
    const path = paths.get(controller);
    const folder = controller === "" ? CGROUPS : `${CGROUPS}/${controller}`;
    if (path === undefined || !isFile(`${folder}${path}/${name}`)) {
      return undefined;
    }
    return `${folder}${path.replaceAll(id, ID)}/${name}`;
  }
  const freezer = place("freezer", "freezer.state");
  const freeze = place("", "cgroup.freeze");
  const quota = place("cpu", "cpu.cfs_quota_us");
  const max = place("", "cpu.max");
  const files: Files = {
    freezer: freezer !== undefined
      ? { file: freezer, frozen: "FROZEN", thawed: "THAWED" }
      : freeze !== undefined
      ? { file: freeze, frozen: "1", thawed: "0" }
      : undefined,
    cpu: quota !== undefined
      ? { file: quota, hasPeriod: false }
      : max !== undefined
      ? { file: max, hasPeriod: true }
      : undefined,
    memory: place("memory", "memory.oom_control") ?? place("", "memory.events"),
  };
  return files.freezer || files.cpu || files.memory ? files : undefined;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function write(file: string, id: string, text: string): boolean {
  try {
    const opened = Deno.openSync(file.replaceAll(ID, id), { write: true });
    try {
      opened.writeSync(new TextEncoder().encode(text));
    } finally {
      opened.close();
    }
    return true;
  } catch {
    return false;
  }
}
