/** The Dart packages' own tests and examples, on the bundled VM. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import {
  dartVm,
  repositoryPath,
  writePackageConfig,
} from "./support/dart_vm.ts";

const TEMPLATES = repositoryPath("templates");

for (const name of ["dart_cloud_function", "dart_cloud_logger"]) {
  for (const { name: file } of Deno.readDirSync(`${TEMPLATES}/${name}/test`)) {
    if (!file.endsWith("_test.dart")) continue;
    Deno.test(`${name}/test/${file} holds`, async (t) => {
      const { code, stdout, stderr } = await runDart(`${name}/test/${file}`);
      const results = stdout.split("\n").filter((line) =>
        /^(not )?ok /.test(line)
      );
      for (const result of results) {
        await t.step(result.replace(/^(not )?ok /, ""), () => {
          ok(result.startsWith("ok "), result);
        });
      }
      deepStrictEqual({ code, stderr }, { code: 0, stderr: "" });
      ok(results.length > 0, "no test ran");
    });
  }

  for (
    const { name: file } of Deno.readDirSync(`${TEMPLATES}/${name}/example`)
  ) {
    Deno.test(`${name}/example/${file} runs`, async () => {
      const { code, stderr } = await runDart(`${name}/example/${file}`);
      strictEqual(stderr, "");
      strictEqual(code, 0);
    });
  }
}

async function runDart(
  file: string,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const folder = await Deno.makeTempDir();
  try {
    const config = await writePackageConfig(folder);
    const { code, stdout, stderr } = await new Deno.Command(dartVm(), {
      args: [
        "--enable-asserts",
        `--packages=${config}`,
        `${TEMPLATES}/${file}`,
      ],
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    return {
      code,
      stdout: decoder.decode(stdout),
      stderr: decoder.decode(stderr),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
