/** A function whose log tells every run. */
import { strictEqual } from "node:assert";
import { plainFunction } from "../../support/project.ts";
import type { TestStack } from "../../support/stack.ts";

/**
 * It writes a line with what it ran for and which attempt that was: the same
 * line twice is two runs alike. A run is long enough to be killed in the midst.
 *
 * @param what It runs for: an expression in Dart, of the `request`.
 */
export async function deployTelling(
  stack: TestStack,
  name: string,
  what: string,
): Promise<void> {
  const source = plainFunction(`
    print('ran ' + ${what}.toString() + ' ' +
        request.headers['oche-attempt'].toString());
    await Future.delayed(Duration(milliseconds: 100));
    return CloudResponse.json({});`);
  strictEqual((await stack.deploy(name, source)).status, 201);
}

/** Asynchronous invocations of it are tried again so often, and soon. */
export async function allowAttempts(
  stack: TestStack,
  name: string,
  maxAttempts: number,
): Promise<void> {
  const changed = await stack.call("PATCH", `/api/functions/${name}`, {
    body: JSON.stringify({ retry: { maxAttempts, initialDelayMs: 100 } }),
  });
  strictEqual(changed.status, 200);
}

/** Lines that are in a log more than once. */
export function repeated(counts: ReadonlyMap<string, number>): string[] {
  return Array.from(counts).filter(([, times]) => times > 1)
    .map(([line]) => line);
}
