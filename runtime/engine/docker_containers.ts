/** Containers through the engine's API: create, drain, start, know of their death. */
// @ts-types="@types/dockerode"
import type Docker from "dockerode";
import { retry } from "../../src/retry.ts";
import { Demux } from "./demux.ts";
import { type ContainerCgroups, learnCgroups } from "./docker_cgroups.ts";
import { isGone, statusOf } from "./docker_error.ts";
import { isPodman } from "./docker_info.ts";
import { createOptions } from "./docker_spec.ts";
import type { ContainerSpec, Exit, OnLine } from "./engine.ts";

/** 128 + SIGKILL, the out-of-memory killer's. */
const KILLED = 137;
/** Of a container that was removed before anybody could ask. */
const GONE: Exit = { exitCode: KILLED, oomKilled: false };

const REMOVED = ["removing", "dead"];
/** How soon an engine that went away is asked again, in milliseconds. */
const AWAY_MS = 500;

export class DockerContainers {
  readonly #docker: Docker;
  readonly #outputs = new Map<string, Promise<void>>();
  readonly #removed = new Set<string>();
  readonly #created = new Set<string>();
  readonly #cgroups: ContainerCgroups;
  /** Kills for want of memory, as counted when the output ended. */
  readonly #oomKills = new Map<string, number>();

  constructor(docker: Docker, cgroups: ContainerCgroups) {
    this.#docker = docker;
    this.#cgroups = cgroups;
  }

  async create(spec: ContainerSpec): Promise<string> {
    const { id } = await this.#docker.createContainer(createOptions(spec));
    this.#created.add(id);
    return id;
  }

  /** Whether it was made from here. */
  isOurs(id: string): boolean {
    return this.#created.has(id);
  }

  async attach(id: string, onLine: OnLine): Promise<{ ended: Promise<void> }> {
    const stream = await this.#docker.getContainer(id).attach({
      stream: true,
      stdout: true,
      stderr: true,
      hijack: true,
    });
    const demux = new Demux(onLine);
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    stream.on("data", (chunk: Uint8Array) => demux.push(chunk));
    for (const event of ["end", "close", "error"]) {
      stream.on(event, () => {
        // Now: the engine removes the cgroup with its dead container.
        this.#countOomKills(id);
        demux.end();
        resolve();
      });
    }
    this.#outputs.set(id, ended);
    return { ended };
  }

  async start(id: string): Promise<void> {
    await this.#docker.getContainer(id).start();
    await learnCgroups(this.#docker, this.#cgroups, id);
  }

  /**
   * The end of the output comes within milliseconds of a death, where Podman's
   * own wait asks every 250 ms. A container that only closed its output is
   * still running, and is waited for the slow way; so is one whose engine went
   * away, without which it runs on. Of one that was removed from here nothing
   * is asked: an engine has better things to do at the end of each sandbox.
   */
  async waitExit(id: string): Promise<Exit> {
    const isOurs = this.#created.has(id);
    await this.#outputs.get(id);
    this.#outputs.delete(id);
    return await retry(
      async () => {
        const isRemoved = this.#removed.has(id) ||
          isOurs && !this.#created.has(id);
        return isRemoved ? GONE : await this.#exitOf(id);
      },
      {
        pauseMs: AWAY_MS,
        retryIf: (error) =>
          statusOf(error) === undefined && this.#created.has(id),
      },
    );
  }

  async #exitOf(id: string): Promise<Exit> {
    try {
      return await this.#askExit(id);
    } catch (error) {
      if (isGone(error)) return GONE;
      throw error;
    }
  }

  async #askExit(id: string): Promise<Exit> {
    const container = this.#docker.getContainer(id);
    let state = (await container.inspect()).State;
    // Podman's word for one that is being killed; its code is not known yet.
    if (state.Running || state.Status === "stopping") {
      await container.wait();
      state = (await container.inspect()).State;
    }
    // Somebody else removes it: its code is not known yet, and reads as 0.
    if (REMOVED.includes(state.Status)) return GONE;
    const { ExitCode: exitCode, OOMKilled: isTold } = state;
    if (isTold || exitCode !== KILLED || this.#removed.has(id)) {
      return { exitCode, oomKilled: isTold };
    }
    return { exitCode, oomKilled: await this.#wasKilledByKernel(id) };
  }

  #countOomKills(id: string): void {
    const count = this.#cgroups.oomKills(id);
    if (count !== undefined) this.#oomKills.set(id, count);
  }

  /**
   * Of a SIGKILL that is not ours, and of which the engine does not tell: Docker
   * may hear later, Podman does not here. Where the kernel's count is out of
   * reach, or was gone before it could be read, Docker is believed; from Podman
   * it is taken for the kernel's: nobody else sends one as a rule.
   */
  async #wasKilledByKernel(id: string): Promise<boolean> {
    const count = this.#oomKills.get(id);
    return count !== undefined ? count > 0 : await isPodman(this.#docker);
  }

  async remove(id: string): Promise<void> {
    this.#removed.add(id);
    try {
      await this.#docker.getContainer(id).remove({ force: true, v: true });
    } catch (error) {
      // 404: gone; 409: somebody else is removing it.
      const status = statusOf(error);
      if (status !== 404 && status !== 409) throw error;
    } finally {
      this.#removed.delete(id);
      this.#created.delete(id);
      this.#outputs.delete(id);
      this.#oomKills.delete(id);
    }
  }
}
