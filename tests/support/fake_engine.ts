/** A container engine in memory, as far as its users' logic needs one. */
import type {
  ContainerEngine,
  ContainerSummary,
  ImageInfo,
  ImageSummary,
} from "../../runtime/engine/engine.ts";

export interface FakeEngine extends ContainerEngine {
  containers: ContainerSummary[];
  images: Map<string, ImageInfo>;
  /** What was asked of it, in order. */
  calls: string[];
}

export function fakeEngine(): FakeEngine {
  function has(
    actual: Record<string, string>,
    wanted: Record<string, string>,
  ): boolean {
    return Object.entries(wanted).every(([key, value]) =>
      actual[key] === value
    );
  }
  function say(what: string): Promise<void> {
    engine.calls.push(what);
    return Promise.resolve();
  }
  const engine: FakeEngine = {
    containers: [],
    images: new Map(),
    calls: [],
    ping: () => Promise.resolve({ name: "docker", version: "0" }),
    importBase: (tag) => say(`import ${tag}`),
    hasImage: (tag) => Promise.resolve(engine.images.get(tag)),
    pull: (tag) => say(`pull ${tag}`),
    async *buildImage({ tag, labels, network = false }) {
      await say(`build ${tag} network=${network}`);
      engine.images.set(tag, { id: tag, bytes: 1, labels });
      yield "built";
    },
    listImages: (labels) =>
      Promise.resolve(
        Array.from(engine.images, ([tag, image]): ImageSummary => ({
          tag,
          labels: image.labels,
        })).filter((image) => has(image.labels, labels)),
      ),
    removeImage(tag) {
      engine.images.delete(tag);
      return say(`remove image ${tag}`);
    },
    create: ({ name }) => say(`create ${name}`).then(() => name),
    attach: () => Promise.resolve({ ended: Promise.resolve() }),
    start: (id) => say(`start ${id}`),
    waitExit: () => Promise.resolve({ exitCode: 0, oomKilled: false }),
    freeze: (id) => say(`freeze ${id}`),
    thaw: (id) => say(`thaw ${id}`),
    setCpus: (id, cpus) => say(`cpus ${id} ${cpus}`).then(() => true),
    remove(id) {
      engine.containers = engine.containers.filter((each) => each.id !== id);
      return say(`remove ${id}`);
    },
    list: (labels) =>
      Promise.resolve(
        engine.containers.filter((each) => has(each.labels, labels)),
      ),
    hasNetwork: () => Promise.resolve(true),
    runtimes: () => Promise.resolve(["runc"]),
    ensureVolume: (name) => say(`volume ${name}`),
    volumePath: () => Promise.resolve(undefined),
    removeVolume: (name) => say(`remove volume ${name}`),
  };
  return engine;
}
