/** The ports in memory, for tests of the edges. */
import { AppError } from "../../src/contracts/error.ts";
import type {
  FunctionRecord,
  VersionRecord,
} from "../../src/contracts/function.ts";
import {
  applySettings,
  isFunctionId,
  newFunction,
  newVersion,
} from "../../src/contracts/function.ts";
import type { ApiKey, KeyStore } from "../../src/contracts/key.ts";
import type { LogBatch } from "../../src/contracts/log.ts";
import type {
  LogStore,
  ObjectStore,
  Registry,
  RegistryChange,
} from "../../src/contracts/port.ts";
import type {
  ReplayGuard,
  SecretStore,
} from "../../src/contracts/signature.ts";

export function memoryRegistry(): Registry {
  const functions = new Map<string, FunctionRecord>();
  const versions = new Map<string, VersionRecord>();
  const listeners = new Set<(change: RegistryChange) => void>();

  function tell(change: RegistryChange): void {
    for (const listener of listeners) listener(change);
  }
  function found(id: string): FunctionRecord {
    const record = functions.get(id);
    if (!record) throw new AppError("not_found", `Cannot change "${id}"`);
    return record;
  }
  function store(record: FunctionRecord): FunctionRecord {
    functions.set(record.id, record);
    tell({ type: "function", record });
    return record;
  }
  function storeVersion(record: VersionRecord): VersionRecord {
    versions.set(`${record.functionId}.${record.version}`, record);
    tell({ type: "version", record });
    return record;
  }
  function byName(name: string): FunctionRecord | undefined {
    return Array.from(functions.values()).find((each) => each.name === name);
  }
  function byRef(ref: string): FunctionRecord | undefined {
    return isFunctionId(ref) ? functions.get(ref) : byName(ref);
  }
  function ofFunction(id: string): VersionRecord[] {
    return Array.from(versions.values()).filter((v) => v.functionId === id);
  }

  return {
    find: (ref) => Promise.resolve(byRef(ref)),
    stored: (ref, wanted) => {
      const record = byRef(ref);
      const version = record &&
        versions.get(`${record.id}.${wanted ?? record.current}`);
      return Promise.resolve({
        ...(record && { record }),
        ...(version && { version }),
      });
    },
    list: () => Promise.resolve(Array.from(functions.values())),
    unreadable: () => Promise.resolve([]),
    ensure(name, settings) {
      const record = byName(name) ?? newFunction(crypto.randomUUID(), name);
      return Promise.resolve(
        store({ ...record, public: settings.public ?? record.public }),
      );
    },
    configure(id, { public: isPublic, ...settings }) {
      const record = found(id);
      return Promise.resolve(store({
        ...record,
        public: isPublic ?? record.public,
        settings: applySettings(record.settings, settings),
      }));
    },
    version: (id, version) => Promise.resolve(versions.get(`${id}.${version}`)),
    versions: (id) => Promise.resolve(ofFunction(id)),
    addVersion(id, sha256) {
      const record = store({ ...found(id), latest: found(id).latest + 1 });
      return Promise.resolve(
        storeVersion(newVersion(id, record.latest, sha256)),
      );
    },
    updateVersion(id, version, change) {
      const record = versions.get(`${id}.${version}`);
      if (!record) {
        return Promise.reject(new AppError("not_found", "Cannot change it"));
      }
      return Promise.resolve(storeVersion({ ...record, ...change }));
    },
    removeVersion(id, version) {
      if (functions.get(id)?.current === version) return Promise.resolve(false);
      versions.delete(`${id}.${version}`);
      return Promise.resolve(true);
    },
    setCurrent(id, version) {
      const record = versions.get(`${id}.${version}`);
      if (!record) {
        return Promise.reject(new AppError("not_found", "Cannot find it"));
      }
      if (record.status !== "ready") {
        return Promise.reject(new AppError("conflict", "It is not ready"));
      }
      return Promise.resolve(store({ ...found(id), current: version }));
    },
    remove(id) {
      functions.delete(id);
      for (const { version } of ofFunction(id)) {
        versions.delete(`${id}.${version}`);
      }
      tell({ type: "removed", id });
      return Promise.resolve();
    },
    onChange(callback) {
      listeners.add(callback);
      return { [Symbol.dispose]: () => listeners.delete(callback) };
    },
  };
}

export function memoryObjects(): ObjectStore & { names(): string[] } {
  const objects = new Map<string, Uint8Array>();
  return {
    names: () => Array.from(objects.keys()),
    put(name, bytes) {
      objects.set(name, bytes);
      return Promise.resolve();
    },
    get(name, maxBytes = Infinity) {
      const bytes = objects.get(name);
      if (bytes && bytes.length > maxBytes) {
        return Promise.reject(
          new AppError("too_large", `Cannot take "${name}"`),
        );
      }
      return bytes
        ? Promise.resolve(bytes)
        : Promise.reject(new AppError("not_found", `Cannot find "${name}"`));
    },
    remove(name) {
      objects.delete(name);
      return Promise.resolve();
    },
  };
}

export function memoryKeys(keys: ApiKey[]): KeyStore {
  return {
    find: (sha256) => keys.find((each) => each.sha256 === sha256),
    list: () => keys,
    add(key) {
      keys.push(key);
      return Promise.resolve();
    },
    revoke(id) {
      const at = keys.findIndex((each) => each.id === id);
      const key = keys[at];
      if (!key) {
        return Promise.reject(new AppError("not_found", "Cannot find it"));
      }
      keys[at] = { ...key, revokedAt: new Date().toISOString() };
      return Promise.resolve(keys[at]);
    },
  };
}

export function memorySecrets(): SecretStore {
  const secrets = new Map<string, string>();
  return {
    get: (name) => Promise.resolve(secrets.get(name)),
    put(name, secret) {
      secrets.set(name, secret);
      return Promise.resolve();
    },
    remove(name) {
      secrets.delete(name);
      return Promise.resolve();
    },
  };
}

export function memoryReplays(): ReplayGuard {
  const used = new Set<string>();
  return {
    first(id) {
      const isFirst = !used.has(id);
      used.add(id);
      return Promise.resolve(isFirst);
    },
  };
}

export function memoryLogs(): LogStore {
  let batches: LogBatch[] = [];
  return {
    append(batch) {
      batches.push(batch);
      return Promise.resolve();
    },
    query: (functionId, { limit }) =>
      Promise.resolve(
        batches.filter((batch) => batch.functionId === functionId)
          .flatMap(({ lines, invocationId, version }) =>
            lines.map((line) => ({ ...line, invocationId, version }))
          ).slice(-limit),
      ),
    purge(functionId) {
      batches = batches.filter((batch) => batch.functionId !== functionId);
      return Promise.resolve();
    },
  };
}
