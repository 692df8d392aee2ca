/** Triggers in memory, for tests of the edges. */
import { AppError } from "../../src/contracts/error.ts";
import type {
  TriggerRecord,
  Triggers,
  TriggersChange,
} from "../../src/contracts/trigger.ts";

export function memoryTriggers(): Triggers {
  const records = new Map<string, TriggerRecord>();
  const listeners = new Set<(change: TriggersChange) => void>();

  function tell(change: TriggersChange): void {
    for (const listener of listeners) listener(change);
  }
  function found(ref: string): TriggerRecord | undefined {
    return records.get(ref) ??
      Array.from(records.values()).find(({ id }) => id === ref);
  }
  function put(record: TriggerRecord): TriggerRecord {
    records.set(record.name, record);
    tell({ type: "put", record });
    return record;
  }

  return {
    find: (ref) => Promise.resolve(found(ref)),
    list: () =>
      Promise.resolve(
        Array.from(records.values()).sort((a, b) => a.name < b.name ? -1 : 1),
      ),
    create(record) {
      if (records.has(record.name)) {
        return Promise.reject(new AppError("conflict", "The name is taken"));
      }
      put(record);
      return Promise.resolve();
    },
    update(ref, edit) {
      const record = found(ref);
      if (!record) {
        return Promise.reject(new AppError("not_found", "Cannot change it"));
      }
      const updatedAt = new Date().toISOString();
      return Promise.resolve(put({ ...edit(record), updatedAt }));
    },
    remove(ref) {
      const record = found(ref);
      if (record) {
        records.delete(record.name);
        tell({ type: "removed", record });
      }
      return Promise.resolve();
    },
    onChange(callback) {
      listeners.add(callback);
      return { [Symbol.dispose]: () => listeners.delete(callback) };
    },
  };
}
