import { strictEqual } from "node:assert";
import { isGone } from "../../../runtime/engine/docker_error.ts";

function failure(statusCode: number, message: string): Error {
  return Object.assign(new Error(message), { statusCode });
}

Deno.test("a container is gone by either engine's word", () => {
  const inDatabase =
    "container 12f2 does not exist in database: no such container";
  strictEqual(isGone(failure(404, "No such container: 12f2")), true);
  strictEqual(isGone(failure(500, inDatabase)), true);
  strictEqual(isGone(failure(500, "database is locked")), false);
  strictEqual(isGone(new Error("ECONNREFUSED")), false);
});
