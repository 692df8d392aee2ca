/** Callbacks over TLS on loopback: a certificate counts only if it is trusted and the host's. */
import { match, strictEqual } from "node:assert";
import { ensurePackages } from "../../src/stack/install.ts";
import { silentProgress } from "../../src/stack/progress.ts";
import { repositoryPath } from "../support/dart_vm.ts";
import { tempDir } from "../support/temp_dir.ts";

async function openssl(folder: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", {
    args,
    cwd: folder,
    stdout: "null",
  }).output();
  strictEqual(success, true, new TextDecoder().decode(stderr));
}

/** `ca.pem`, and `cert.pem` with `key.pem` that it vouches for. */
async function certificates(folder: string): Promise<void> {
  const fresh = ["-newkey", "rsa:2048", "-nodes"];
  await openssl(
    folder,
    ...["req", "-x509", ...fresh, "-days", "2", "-subj", "/CN=test ca"],
    ...["-keyout", "ca.key", "-out", "ca.pem"],
  );
  await openssl(
    folder,
    ...["req", ...fresh, "-subj", "/CN=receiver.test"],
    ...["-keyout", "key.pem", "-out", "cert.csr"],
  );
  const names = "subjectAltName=DNS:receiver.test\n";
  await Deno.writeTextFile(`${folder}/names`, names);
  await openssl(
    folder,
    ...["x509", "-req", "-days", "2", "-in", "cert.csr", "-out", "cert.pem"],
    ...["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"],
    ...["-extfile", "names"],
  );
}

/** What the receiver saw, by path. */
function receiver(folder: string) {
  const seen: string[] = [];
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    cert: Deno.readTextFileSync(`${folder}/cert.pem`),
    key: Deno.readTextFileSync(`${folder}/key.pem`),
    onListen: () => {},
  }, async (request) => {
    const { pathname, search } = new URL(request.url);
    seen.push(
      `${request.method} ${pathname}${search} ${await request.text()}`,
    );
    return new Response(null, { status: 204 });
  });
  return { seen, server, port: String(server.addr.port) };
}

async function tell(port: string, host: string, trusted?: string) {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--quiet",
      "--no-check",
      repositoryPath("tests/fixtures/callback_over_tls.ts"),
      port,
      host,
    ],
    env: trusted ? { DENO_CERT: trusted } : {},
  }).output();
  const text = new TextDecoder();
  return { said: text.decode(stdout).trim(), error: text.decode(stderr) };
}

Deno.test("callbacks over TLS", async (t) => {
  await ensurePackages(["openssl"], silentProgress);
  using folder = tempDir();
  await certificates(folder.path);
  const { seen, server, port } = receiver(folder.path);
  const trusted = `${folder.path}/ca.pem`;

  await t.step("reach a receiver whose certificate is trusted", async () => {
    const { said, error } = await tell(port, "receiver.test", trusted);
    strictEqual(said, "204", error);
    strictEqual(seen.join(), "POST /done?of=1 told");
  });

  await t.step("refuse one that nobody vouches for", async () => {
    const { said, error } = await tell(port, "receiver.test");
    strictEqual(said, "");
    match(error, /certificate/i);
  });

  await t.step("refuse one of another host", async () => {
    const { said, error } = await tell(port, "other.test", trusted);
    strictEqual(said, "");
    match(error, /certificate|name/i);
  });

  strictEqual(seen.length, 1);
  await server.shutdown();
});
