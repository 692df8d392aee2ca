import { deepStrictEqual, strictEqual } from "node:assert";
import { digestOf } from "../../../runtime/image/digest.ts";
import { Artefacts } from "../../../runtime/toolchain/artefacts.ts";
import { AppError } from "../../../src/contracts/error.ts";

const MB = 1024 * 1024;

function store() {
  const objects = new Map<string, Uint8Array>();
  let reads = 0;
  return {
    objects,
    reads: () => reads,
    put(name: string, bytes: Uint8Array) {
      objects.set(name, bytes);
      return Promise.resolve();
    },
    get(name: string) {
      reads++;
      const bytes = objects.get(name);
      return bytes
        ? Promise.resolve(bytes)
        : Promise.reject(new AppError("not_found", "Cannot find it"));
    },
    remove(name: string) {
      objects.delete(name);
      return Promise.resolve();
    },
  };
}

Deno.test("Artefacts.get() has what was put, and nothing that was not", async () => {
  const objects = store();
  const artefacts = new Artefacts(objects);
  await artefacts.put("a", new Uint8Array([1]));
  deepStrictEqual(await artefacts.get("a"), new Uint8Array([1]));
  strictEqual(objects.reads(), 0);
  strictEqual(await artefacts.get("b"), undefined);
  await artefacts.remove("a");
  strictEqual(await artefacts.get("a"), undefined);
});

Deno.test("Artefacts reads again what had no room in memory", async () => {
  const objects = store();
  const artefacts = new Artefacts(objects);
  for (const name of ["a", "b", "c"]) {
    await artefacts.put(name, new Uint8Array(30 * MB));
  }
  await artefacts.get("c");
  strictEqual(objects.reads(), 0);
  await artefacts.get("a");
  strictEqual(objects.reads(), 1);
});

Deno.test("digestOf() differs by path, by content and by what else it is told", () => {
  const file = (path: string, text: string) =>
    new Map([[path, new TextEncoder().encode(text)]]);
  const digests = [
    digestOf(file("a", "bc")),
    digestOf(file("ab", "c")),
    digestOf(file("a", "bd")),
    digestOf(file("a", "bc"), "vm"),
  ];
  strictEqual(new Set(digests).size, digests.length);
  strictEqual(digestOf(file("a", "bc")), digests[0]);
});
