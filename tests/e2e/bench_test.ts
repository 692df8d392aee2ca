/** `./oche bench --quick` measures every row; no time is asserted. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { runBench } from "../../src/bin/bench.ts";
import { silentProgress } from "../../src/stack/progress.ts";
import { tempDir } from "../support/temp_dir.ts";

const ROOT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
const ROWS = 22;

Deno.test("oche bench --quick measures every row and writes its files", async () => {
  using out = tempDir();
  let text = "";
  const code = await runBench({
    root: ROOT,
    cache: Deno.env.get("OCHE_CACHE") ?? `${ROOT}/.oche/cache`,
    engine: "podman",
    quick: true,
    out: out.path,
    progress: silentProgress,
    write: (more) => {
      text += more;
    },
  });
  strictEqual(code, 0);
  const report = JSON.parse(
    await Deno.readTextFile(`${out.path}/bench-podman.json`),
  );
  strictEqual(report.rows.length, ROWS);
  const broken = report.rows.filter((row: Record<string, unknown>) =>
    row["ratio"] === null || /NaN|Infinity/.test(String(row["measured"]))
  );
  deepStrictEqual(broken, []);
  ok(text.includes("redeploys under load"));
  const page = await Deno.readTextFile(`${out.path}/bench-podman.html`);
  ok(page.includes("<svg"));
});
