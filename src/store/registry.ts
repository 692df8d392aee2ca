/** The registry of functions and versions, on a KV bucket. */
import type { KV } from "@nats-io/kv";
import { AppError } from "../contracts/error.ts";
import {
  applySettings,
  type FunctionChange,
  FunctionRecord,
  newFunction,
  newVersion,
  VersionRecord,
} from "../contracts/function.ts";
import type {
  Registry,
  RegistryChange,
  StoredVersion,
} from "../contracts/port.ts";
import { key } from "../nats/subject.ts";
import { change, create, read } from "./bucket.ts";
import {
  readFunction,
  readId,
  readStored,
  readVersion,
} from "./registry_reads.ts";
import { RegistryView } from "./registry_view.ts";
import { type BucketWatch, watchBucket } from "./watch.ts";

export class KvRegistry implements Registry, AsyncDisposable {
  readonly #kv: KV;
  readonly #view: RegistryView;
  readonly #watch: BucketWatch;

  private constructor(kv: KV, view: RegistryView, watch: BucketWatch) {
    this.#kv = kv;
    this.#view = view;
    this.#watch = watch;
  }

  /**
   * Serves at once: what is not read yet is asked for. Only who wants a list
   * waits for all of it, which takes the longer the more functions there are.
   *
   * @param onUnreadable Told of each record that is not of the schema; such a
   * record is left out, and does not keep the others from being read.
   */
  static async open(
    kv: KV,
    onUnreadable: (error: unknown) => void = () => {},
  ): Promise<KvRegistry> {
    const view = new RegistryView(onUnreadable);
    return new KvRegistry(kv, view, await watchBucket(kv, view));
  }

  async find(ref: string): Promise<FunctionRecord | undefined> {
    return this.#view.find(ref) ?? await readFunction(this.#kv, ref);
  }

  stored(ref: string, version: number | undefined): Promise<StoredVersion> {
    return readStored(this.#kv, ref, version);
  }

  async list(): Promise<FunctionRecord[]> {
    await this.#watch.ready;
    return this.#view.list();
  }

  async unreadable(): Promise<string[]> {
    await this.#watch.ready;
    return this.#view.unreadable();
  }

  async ensure(
    name: string,
    settings: { public?: boolean | undefined },
  ): Promise<FunctionRecord> {
    // The name comes first: a crash between the two heals at the next call.
    await create(this.#kv, key.name(name), { id: crypto.randomUUID() });
    const id = await readId(this.#kv, name);
    if (id === undefined) throw removedMeanwhile(name);
    const record = newFunction(id, name, settings.public);
    const revision = await create(this.#kv, key.function(id), record);
    if (revision !== undefined) {
      this.#view.putFunction(record, revision);
      return record;
    }
    return await this.#changeFunction(id, (found) => ({
      ...found,
      public: settings.public ?? found.public,
    }));
  }

  configure(
    id: string,
    { public: isPublic, ...settings }: FunctionChange,
  ): Promise<FunctionRecord> {
    return this.#changeFunction(id, (found) => ({
      ...found,
      public: isPublic ?? found.public,
      settings: applySettings(found.settings, settings),
    }));
  }

  async version(
    id: string,
    version: number,
  ): Promise<VersionRecord | undefined> {
    return this.#view.version(id, version) ??
      await readVersion(this.#kv, id, version);
  }

  async versions(id: string): Promise<VersionRecord[]> {
    await this.#watch.ready;
    return this.#view.versions(id);
  }

  async addVersion(id: string, sha256: string): Promise<VersionRecord> {
    const { latest } = await this.#changeFunction(id, (found) => ({
      ...found,
      latest: found.latest + 1,
    }));
    const record = newVersion(id, latest, sha256);
    const revision = await create(this.#kv, key.version(id, latest), record);
    if (revision === undefined) {
      throw new AppError("conflict", `Version ${latest} exists already`);
    }
    this.#view.putVersion(record, revision);
    return record;
  }

  async updateVersion(
    id: string,
    version: number,
    edit: Partial<VersionRecord>,
  ): Promise<VersionRecord> {
    const { value, revision } = await change(
      this.#kv,
      VersionRecord,
      key.version(id, version),
      (found) => ({ ...found, ...edit }),
    );
    this.#view.putVersion(value, revision);
    return value;
  }

  async removeVersion(id: string, version: number): Promise<boolean> {
    const name = key.version(id, version);
    const stored = await read(this.#kv, VersionRecord, name);
    if (await this.#isCurrent(id, version)) return false;
    if (!stored) return true;
    await this.#kv.purge(name);
    this.#view.dropVersion(id, version);
    // Somebody may have rolled back to it between the look and the purge; who
    // does so after this look finds that it is gone.
    if (!await this.#isCurrent(id, version)) return true;
    const revision = await create(this.#kv, name, stored.value);
    if (revision !== undefined) this.#view.putVersion(stored.value, revision);
    return false;
  }

  async #isCurrent(id: string, version: number): Promise<boolean> {
    const record = await read(this.#kv, FunctionRecord, key.function(id));
    return record?.value.current === version;
  }

  async setCurrent(id: string, version: number): Promise<FunctionRecord> {
    const found = await this.version(id, version);
    if (!found) {
      throw new AppError("not_found", `Cannot find version ${version}`, {
        hint: "See which there are: ./oche versions NAME",
      });
    }
    if (found.status !== "ready") {
      throw new AppError(
        "conflict",
        `Cannot serve version ${version}: it is ${found.status}`,
        { hint: "Choose a version whose status is ready" },
      );
    }
    let before: number | null = null;
    const changed = await this.#changeFunction(id, (record) => {
      before = record.current;
      return { ...record, current: version };
    });
    if (await read(this.#kv, VersionRecord, key.version(id, version))) {
      return changed;
    }
    await this.#changeFunction(id, (record) => ({
      ...record,
      current: record.current === version ? before : record.current,
    }));
    throw new AppError(
      "conflict",
      `Cannot serve version ${version}: it was removed meanwhile`,
      { hint: "Deploy it again" },
    );
  }

  async remove(id: string): Promise<void> {
    const record = await this.find(id);
    if (!record) return;
    // The record goes last: what a crash left over is removed by a second try.
    for (let version = 1; version <= record.latest; version++) {
      await this.#kv.purge(key.version(id, version));
    }
    await this.#kv.purge(key.name(record.name));
    await this.#kv.purge(key.function(id));
    this.#view.dropFunction(id);
  }

  onChange(callback: (change: RegistryChange) => void): Disposable {
    return this.#view.onChange(callback);
  }

  async #changeFunction(
    id: string,
    edit: (record: FunctionRecord) => FunctionRecord,
  ): Promise<FunctionRecord> {
    const { value, revision } = await change(
      this.#kv,
      FunctionRecord,
      key.function(id),
      (record) => ({ ...edit(record), updatedAt: new Date().toISOString() }),
    );
    this.#view.putFunction(value, revision);
    return value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]();
  }
}

function removedMeanwhile(name: string): AppError {
  return new AppError(
    "conflict",
    `Cannot deploy "${name}": it is being removed`,
    {
      hint: "Try again",
    },
  );
}
