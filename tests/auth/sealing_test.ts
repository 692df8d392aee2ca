/** What is sealed, and who can open it. */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert";
import fc from "fast-check";
import { createSealer, SEAL_OVERHEAD } from "../../src/auth/sealing.ts";

function newKey(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(32));
}

Deno.test("open() gives back any bytes that seal() took, for the same context alone", async () => {
  const sealer = await createSealer([newKey()]);
  await fc.assert(fc.asyncProperty(
    fc.uint8Array({ maxLength: 3000 }),
    fc.string(),
    fc.string(),
    async (plain, context, other) => {
      const sealed = await sealer.seal(plain, context);
      strictEqual(sealed.length, plain.length + SEAL_OVERHEAD);
      deepStrictEqual(
        await sealer.open(sealed, context),
        new Uint8Array(plain),
      );
      if (other === context) return;
      await rejects(sealer.open(sealed, other), { code: "invalid" });
    },
  ));
});

Deno.test("seal() takes a view of a larger buffer as the view alone", async () => {
  const sealer = await createSealer([newKey()]);
  const view = new Uint8Array([9, 1, 2, 3, 9]).subarray(1, 4);
  deepStrictEqual(
    await sealer.open(await sealer.seal(view, "c"), "c"),
    new Uint8Array([1, 2, 3]),
  );
});

Deno.test("seal() never gives the same bytes twice, and hides the plain ones", async () => {
  const sealer = await createSealer([newKey()]);
  const plain = new TextEncoder().encode("a marker that must not show");
  const sealed = await sealer.seal(plain, "c");
  ok(!new TextDecoder("latin1").decode(sealed).includes("marker"));
  const again = await sealer.seal(plain, "c");
  ok(sealed.some((byte, at) => byte !== again[at]));
});

Deno.test("open() refuses every changed byte and every cut", async () => {
  const sealer = await createSealer([newKey()]);
  const sealed = await sealer.seal(new TextEncoder().encode("plain"), "c");
  for (let at = 0; at < sealed.length; at++) {
    const changed = sealed.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    await rejects(sealer.open(changed, "c"), /^AppError: Cannot open c: /);
    await rejects(sealer.open(sealed.slice(0, at), "c"), { code: "invalid" });
  }
});

Deno.test("open() knows older keys; seal() takes the first; a lost key is named", async () => {
  const [old, young] = [newKey(), newKey()];
  const before = await createSealer([old]);
  const during = await createSealer([young, old]);
  const after = await createSealer([young]);
  const plain = new TextEncoder().encode("kept");
  const sealedBefore = await before.seal(plain, "c");
  deepStrictEqual(await during.open(sealedBefore, "c"), plain);
  deepStrictEqual(
    await after.open(await during.seal(plain, "c"), "c"),
    plain,
  );
  await rejects(after.open(sealedBefore, "c"), {
    code: "unavailable",
    hint: /seal\.key/,
  });
  await rejects(createSealer([]), { code: "invalid" });
});
