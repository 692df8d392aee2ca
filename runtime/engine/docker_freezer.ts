/** Takes the CPU from containers and gives it back: by their cgroups, else by the engine's API. */
// @ts-types="@types/dockerode"
import type Docker from "dockerode";
import { type ContainerCgroups, learnCgroups } from "./docker_cgroups.ts";

export class DockerFreezer {
  readonly #docker: Docker;
  readonly #cgroups: ContainerCgroups;
  /** What was frozen from here. */
  readonly #frozen = new Map<string, "cgroup" | "api">();

  constructor(docker: Docker, cgroups: ContainerCgroups) {
    this.#docker = docker;
    this.#cgroups = cgroups;
  }

  async freeze(id: string): Promise<void> {
    await this.#learn(id);
    if (this.#cgroups.setFrozen(id, true)) {
      this.#frozen.set(id, "cgroup");
      return;
    }
    await this.#docker.getContainer(id).pause();
    this.#frozen.set(id, "api");
  }

  async thaw(id: string): Promise<void> {
    const how = this.#frozen.get(id);
    this.#frozen.delete(id);
    if (how === "cgroup") this.#cgroups.setFrozen(id, false);
    else if (how === "api") await this.#docker.getContainer(id).unpause();
  }

  /**
   * A frozen process cannot die: whoever froze it, it has to go on first.
   *
   * @param isOurs Whether nobody else can have frozen it.
   */
  async thawForRemoval(id: string, isOurs: boolean): Promise<void> {
    try {
      if (this.#frozen.has(id)) return await this.thaw(id);
      if (isOurs) return;
      await this.#learn(id);
      if (this.#cgroups.isFrozen(id)) this.#cgroups.setFrozen(id, false);
    } catch {
      // Gone, or never started: removal says what is wrong, if anything is.
    }
  }

  /** @returns false when that is out of reach from here */
  async setCpus(id: string, cpus: number): Promise<boolean> {
    await this.#learn(id);
    return this.#cgroups.setCpus(id, cpus);
  }

  #learn(id: string): Promise<void> {
    return learnCgroups(this.#docker, this.#cgroups, id);
  }
}
