/** ContainerEngine over the Docker Engine API, which Podman speaks too. */
// @ts-types="@types/dockerode"
import Docker from "dockerode";
import { AppError } from "../../src/contracts/error.ts";
import { retry, type RetryOptions } from "../../src/retry.ts";
import { ContainerCgroups } from "./docker_cgroups.ts";
import { DockerContainers } from "./docker_containers.ts";
import { engineError, statusOf } from "./docker_error.ts";
import { DockerFreezer } from "./docker_freezer.ts";
import { buildImage, importBase, pull } from "./docker_images.ts";
import { isPodman, runtimesOf } from "./docker_info.ts";
import type { ContainerEngine } from "./engine.ts";

/** Podman fails to list when an image goes meanwhile. */
const LISTING: RetryOptions = {
  maxTries: 10,
  pauseMs: 50,
  retryIf: (error) => statusOf(error) === 500,
};

export function dockerEngine(
  { socketPath }: { socketPath: string },
): ContainerEngine {
  const docker = new Docker({ socketPath });
  const cgroups = new ContainerCgroups();
  const containers = new DockerContainers(docker, cgroups);
  const freezer = new DockerFreezer(docker, cgroups);

  async function ask<Value>(
    what: string,
    request: () => Promise<Value>,
  ): Promise<Value> {
    try {
      return await request();
    } catch (error) {
      throw engineError(error, what, socketPath);
    }
  }

  return {
    ping: () =>
      ask("Cannot ask the engine for its version", async () => {
        const { Version } = await docker.version();
        const name = await isPodman(docker) ? "podman" : "docker";
        return { name, version: Version };
      }),

    importBase: (tag, tarFile) =>
      ask(
        "Cannot import the base image",
        () => importBase(docker, tag, tarFile),
      ),

    hasImage: (tag) =>
      ask("Cannot look for an image", async () => {
        const found = await orUndefined(() => docker.getImage(tag).inspect());
        return found && {
          id: found.Id,
          bytes: found.Size,
          labels: found.Config.Labels ?? {},
        };
      }),

    async pull(tag) {
      try {
        await pull(docker, tag);
      } catch (cause) {
        throw new AppError("unavailable", `Cannot pull "${tag}"`, {
          hint: "Load the image, or set OCHE_DART=bundled",
          cause,
        });
      }
    },

    async *buildImage(spec) {
      try {
        yield* buildImage(docker, spec);
      } catch (error) {
        throw engineError(error, "Cannot build the image", socketPath);
      }
    },

    listImages: (labels) =>
      ask("Cannot list images", async () => {
        const images = await retry(
          () => docker.listImages({ filters: byLabel(labels) }),
          LISTING,
        );
        return images.flatMap(({ RepoTags, Labels }) =>
          (RepoTags ?? []).map((tag) => ({ tag, labels: Labels ?? {} }))
        ).filter((image) => hasLabels(image.labels, labels));
      }),

    removeImage: (tag) =>
      ask("Cannot remove an image", async () => {
        // Podman would remove the containers too, whoever's they are.
        if (await isUsed(docker, tag)) return;
        // Forced, as Podman's builder leaves containers of its own behind.
        await orUndefined(
          () => docker.getImage(tag).remove({ force: true }),
          [404, 409],
        );
      }),

    create: (spec) =>
      ask("Cannot create the container", () => containers.create(spec)),
    attach: (id, onLine) =>
      ask(
        "Cannot attach to the container",
        () => containers.attach(id, onLine),
      ),
    start: (id) =>
      ask("Cannot start the container", () => containers.start(id)),
    waitExit: (id) =>
      ask("Cannot wait for the container", () => containers.waitExit(id)),
    freeze: (id) =>
      ask("Cannot freeze the container", () => freezer.freeze(id)),
    setCpus: (id, cpus) =>
      ask("Cannot limit the container", () => freezer.setCpus(id, cpus)),
    thaw: (id) => ask("Cannot thaw the container", () => freezer.thaw(id)),
    remove: (id) =>
      ask("Cannot remove the container", async () => {
        await freezer.thawForRemoval(id, containers.isOurs(id));
        await containers.remove(id);
      }),

    list: (labels) =>
      ask("Cannot list containers", async () => {
        const found = await docker.listContainers({
          all: true,
          filters: byLabel(labels),
        });
        return found.map(({ Id, Names, Labels }) => ({
          id: Id,
          name: Names[0]?.replace(/^\//, "") ?? "",
          labels: Labels,
        })).filter((container) => hasLabels(container.labels, labels));
      }),

    hasNetwork: (name) =>
      ask("Cannot look for the network", async () => {
        const found = await orUndefined(() =>
          docker.getNetwork(name).inspect()
        );
        return found !== undefined;
      }),
    runtimes: () =>
      ask("Cannot ask for container runtimes", () => runtimesOf(docker)),

    ensureVolume: (name, spec) =>
      ask("Cannot make the volume", () => ensureVolume(docker, name, spec)),

    volumePath: (name) =>
      ask("Cannot look for the volume", async () => {
        const found = await orUndefined(() => docker.getVolume(name).inspect());
        return found && (found.Options?.device ?? found.Mountpoint);
      }),

    removeVolume: (name) =>
      ask("Cannot remove the volume", async () => {
        await orUndefined(() => docker.getVolume(name).remove());
      }),
  };
}

async function ensureVolume(
  docker: Docker,
  name: string,
  { path, labels }: { path: string; labels: Record<string, string> },
): Promise<void> {
  const found = await orUndefined(() => docker.getVolume(name).inspect());
  if (!found) {
    await docker.createVolume({
      Name: name,
      Driver: "local",
      // With the mounts below it; taking it away takes none of those away.
      DriverOpts: { type: "none", o: "rbind,rslave", device: path },
      Labels: labels,
    });
    return;
  }
  const isOurs = found.Options?.device === path &&
    Object.entries(labels).every(([key, value]) =>
      found.Labels?.[key] === value
    );
  if (isOurs) return;
  throw new AppError(
    "conflict",
    `Cannot use the volume "${name}": it is not of this installation`,
    { hint: "Set SHARED_VOLUME_NAME to another name, or remove that volume" },
  );
}

/** Whether any container is made of it, running or not. */
async function isUsed(docker: Docker, tag: string): Promise<boolean> {
  const filters = { ancestor: [tag] };
  const found = await orUndefined(
    () => docker.listContainers({ all: true, filters }),
    [404, 500],
  );
  return (found ?? []).length > 0;
}

/** By the first label alone: with two, Podman finds no image at all. */
function byLabel(labels: Record<string, string>): { label: string[] } {
  return {
    label: Object.entries(labels).slice(0, 1)
      .map(([key, value]) => `${key}=${value}`),
  };
}

function hasLabels(
  actual: Record<string, string>,
  wanted: Record<string, string>,
): boolean {
  return Object.entries(wanted).every(([key, value]) => actual[key] === value);
}

/** Undefined where the API answers with one of the statuses. */
async function orUndefined<Value>(
  request: () => Promise<Value>,
  statuses = [404],
): Promise<Value | undefined> {
  try {
    return await request();
  } catch (error) {
    if (statuses.includes(statusOf(error) ?? 0)) return undefined;
    throw error;
  }
}
