/** The installation script, run against stand-ins for Debian's tools. */
import { deepStrictEqual, match, rejects, strictEqual } from "node:assert";
import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { ensurePackages, install, whyNot } from "../../src/stack/install.ts";
import { temporaryFolder } from "./folder.ts";

const DEBIAN = 'PRETTY_NAME="Debian"\nID=debian\n';
const UBUNTU = "ID=ubuntu\nID_LIKE=debian\n";

Deno.test("whyNot() names the whole command, or what to look for elsewhere", () => {
  const cases: [string[], number, string, string | undefined][] = [
    [["podman"], 0, DEBIAN, undefined],
    [["podman"], 0, UBUNTU, undefined],
    [
      ["podman", "runc"],
      1000,
      DEBIAN,
      "As root, run: apt-get update && apt-get install --no-install-recommends podman runc",
    ],
    [
      ["libc6:i386"],
      1000,
      UBUNTU,
      "As root, run: dpkg --add-architecture i386 && apt-get update && apt-get install --no-install-recommends libc6:i386",
    ],
    [
      ["podman"],
      0,
      "ID=fedora\n",
      "Install what these Debian packages hold with this system's own tools: podman",
    ],
    [
      ["podman"],
      0,
      "",
      "Install what these Debian packages hold with this system's own tools: podman",
    ],
  ];
  for (const [missing, uid, osRelease, hint] of cases) {
    strictEqual(whyNot(missing, { uid, osRelease })?.hint, hint);
  }
});

Deno.test("ensurePackages() takes no step when nothing lacks", async () => {
  await ensurePackages(["dash", "coreutils"], {
    step: () => Promise.reject(new Error("a step was taken")),
  });
});

/** An apt-get that says what it was asked, with a given end. */
async function fakeTools(folder: string, aptBody: string): Promise<string> {
  const bin = `${folder}/bin`;
  await mkdir(bin);
  const tools: [string, string][] = [
    [
      "apt-get",
      `for word; do case $word in update|install) verb=$word;; esac; done
       if [ -e "${folder}/policy" ]; then may=no; else may=yes; fi
       echo "$verb services=$may" >>"${folder}/calls"; ${aptBody}`,
    ],
    ["dpkg", `echo "dpkg $*" >>"${folder}/calls"`],
  ];
  for (const [name, body] of tools) {
    await writeFile(`${bin}/${name}`, `#!/bin/sh\n${body}\n`);
    await chmod(`${bin}/${name}`, 0o755);
  }
  return `${bin}:/usr/bin:/bin`;
}

Deno.test("install() renews the index only when it must, and lets no service start", async () => {
  const cases: [string, string[], string[]][] = [
    ["exit 0", ["podman"], ["install services=no"]],
    [
      `[ $verb = update ] && touch "$0.done" && exit 100; [ -e "$0.done" ]`,
      ["podman"],
      ["install services=no", "update services=no", "install services=no"],
    ],
    [
      "exit 0",
      ["libc6:i386"],
      [
        "dpkg --print-foreign-architectures",
        "dpkg --add-architecture i386",
        "install services=no",
      ],
    ],
  ];
  for (const [body, names, calls] of cases) {
    await using folder = await temporaryFolder();
    const runDir = folder.path;
    const path = await fakeTools(runDir, body);
    await install(names, { runDir, policy: `${runDir}/policy`, path });
    const lines = (await readFile(`${runDir}/calls`, "utf8")).trim();
    deepStrictEqual(lines.split("\n"), calls);
    await rejects(stat(`${runDir}/policy`), { code: "ENOENT" });
  }
});

Deno.test("install() ends with apt-get's last words, the system's own policy kept", async () => {
  await using folder = await temporaryFolder();
  const runDir = folder.path;
  const path = await fakeTools(runDir, "echo E: no such thing; exit 100");
  await writeFile(`${runDir}/policy`, "theirs");
  await rejects(
    install(["podman"], { runDir, policy: `${runDir}/policy`, path }),
    {
      code: "unavailable",
      message: 'Cannot install "podman": apt-get ended with code 100',
      hint: /E: no such thing/,
    },
  );
  match(await readFile(`${runDir}/policy`, "utf8"), /^theirs$/);
});
