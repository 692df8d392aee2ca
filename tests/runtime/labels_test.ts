import { match, ok, strictEqual } from "node:assert";
import { ContainerNames } from "../../runtime/labels.ts";

Deno.test("ContainerNames are unique, and short enough for a socket's path", () => {
  const names = new ContainerNames({
    installation: "0123abcd",
    runtime: "89abcdef",
  });
  const made = Array.from({ length: 50_000 }, () => names.next());
  strictEqual(new Set(made).size, made.length);
  for (const name of made) match(name, /^[a-z][a-z0-9-]{1,31}$/);
  const path = `/run/oche/0123abcd/${crypto.randomUUID()}/v99999/${
    made.at(-1)
  }/doorbell`;
  ok(path.length <= 107, `${path.length}`);
});
