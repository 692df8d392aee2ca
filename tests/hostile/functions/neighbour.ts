/** A healthy function beside the hostile one: its secret must stay its own. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { plainFunction } from "../../support/project.ts";
import type { TestStack } from "../../support/stack.ts";

export const NEIGHBOUR = plainFunction(`
    print('log of \${request.body}');
    return CloudResponse.json({'answer to': request.body});`);

/** Calls it with a new secret, and demands exactly its own answer and log. */
export async function callNeighbour(stack: TestStack): Promise<string> {
  const secret = `secret-${crypto.randomUUID()}`;
  const { statusCode, body, logs, detail } = await stack.invoke("neighbour", {
    body: secret,
  });
  strictEqual(statusCode, 200, detail);
  deepStrictEqual(body, { "answer to": secret });
  deepStrictEqual(
    logs.map(({ message }: { message: string }) => message),
    [`log of ${secret}`],
  );
  return secret;
}

export function assertNothingOf(secrets: string[], answer: unknown): void {
  const text = JSON.stringify(answer);
  for (const secret of secrets) ok(!text.includes(secret));
}
