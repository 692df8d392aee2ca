/** What of a stack's secrets lies on a disk: nothing that can be read without its key. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { mkdir, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { Objm } from "@nats-io/obj";
import { findOnDisk } from "../support/disk_search.ts";
import { archiveOf, plainFunction } from "../support/project.ts";
import { startTestStack } from "../support/stack.ts";
import { tempDir } from "../support/temp_dir.ts";

Deno.test("findOnDisk() finds a marker plain, in base64, and in gzip between other bytes", async () => {
  using folder = tempDir();
  const marker = "planted-marker-0123456789";
  await mkdir(`${folder.path}/deep/er`, { recursive: true });
  const files: [string, string | Uint8Array][] = [
    ["deep/plain", `before ${marker} after`],
    ["deep/er/base64", btoa(`before ${marker} after`)],
    [
      "gzip",
      new Uint8Array([
        ...[1, 2, 0x1f, 0x8b, 0x08, 0, 9],
        ...gzipSync(`before ${marker} after`),
        ...[7, 7, 7],
      ]),
    ],
    ["nothing", "nothing"],
  ];
  for (const [name, content] of files) {
    await writeFile(`${folder.path}/${name}`, content);
  }
  const found = await findOnDisk(folder.path, marker);
  deepStrictEqual(
    found.map((each) => each.slice(folder.path.length + 1)).sort(),
    ["deep/er/base64: base64 at 1", "deep/plain: plain", "gzip: gzip"],
  );
});

Deno.test("a marker in an archive, in a request, in a secret and in a key is nowhere below OCHE_HOME/nats", async () => {
  await using stack = await startTestStack("podman");
  const inArchive = `archive-marker-${crypto.randomUUID()}`;
  const inRequest = `request-marker-${crypto.randomUUID()}`;
  const inSecret = `secret-marker-${crypto.randomUUID()}`;

  const files = plainFunction(`
    const marker = '${inArchive}';
    final text = request.body.toString();
    return CloudResponse.json({'length': text.length + marker.length});`);
  strictEqual((await stack.deploy("marked", files)).status, 201);
  // Over the size of a message: it travels by claim check.
  const body = inRequest.repeat(40_000);
  const answer = await stack.invoke("marked", { body });
  strictEqual(answer.body.length, body.length + inArchive.length);

  const trigger = await stack.call("POST", "/api/functions/marked/triggers", {
    body: JSON.stringify({
      type: "webhook",
      name: "marked-hook",
      provider: "github",
      secret: inSecret,
    }),
  });
  strictEqual(trigger.status, 201, await trigger.text());

  const signing = `signing-marker-${crypto.randomUUID()}`;
  const stored = await stack.call(
    "PUT",
    "/api/functions/marked/signing-secret",
    { body: JSON.stringify({ secret: signing }) },
  );
  strictEqual(stored.status, 200, await stored.text());

  const made = await stack.call("POST", "/api/keys", {
    body: JSON.stringify({ name: "marked", scopes: ["read"] }),
  });
  const { key } = await made.json();
  // Traffic of all kinds that a key sees: let in, refused, and of no use.
  for (const path of ["/api/functions", "/fn/marked", "/api/keys", "/none"]) {
    const answer = await fetch(`${stack.url}${path}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    ok(!(await answer.text()).includes(key));
  }

  // What is not sealed is found, so the search sees what there is.
  const control = await new Objm(stack.nc).create("control");
  await control.putBlob({ name: "unsealed" }, await archiveOf(files));
  await control.putBlob(
    { name: "plain" },
    new TextEncoder().encode(inSecret + inRequest + signing + key),
  );
  const store = `${stack.home}/nats`;
  const limit = Date.now() + 60_000;
  while ((await findOnDisk(store, inSecret)).length === 0) {
    ok(Date.now() < limit, "the control never reached the disk");
  }
  for (const marker of [inArchive, inRequest, inSecret, signing, key]) {
    const found = await findOnDisk(store, marker);
    ok(found.length > 0, marker);
    deepStrictEqual(
      found.filter((each) => !each.includes("/OBJ_control/")),
      [],
    );
  }
  // The programs' logs, and what the stack keeps of itself.
  for (const secret of [inRequest, inSecret, signing, key, stack.key]) {
    const found = await findOnDisk(stack.home, secret);
    deepStrictEqual(
      found.filter((each) =>
        !each.includes("/OBJ_control/") && !each.includes("/admin.key")
      ),
      [],
    );
  }
});
