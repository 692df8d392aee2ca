/** What one invocation leaves for the next: warm, and in a sandbox of its own. */
import { deepStrictEqual, strictEqual } from "node:assert";
import { dockerEngine } from "../../runtime/engine/docker.ts";
import { ENGINES, removeSandboxes } from "../support/engines.ts";
import { plainFunction } from "../support/project.ts";
import { startTestStack } from "../support/stack.ts";
import { PATIENT } from "../support/until.ts";

/** Says what it finds of earlier calls, and leaves something behind. */
const CURIOUS = plainFunction(
  `
    count++;
    final logs = File('logs.json').readAsStringSync();
    print('call $count');
    final left = env!['LEFT'];
    env['LEFT'] = 'x';
    final tmp = File('/tmp/left').existsSync();
    File('/tmp/left').writeAsStringSync('x');
    return CloudResponse.json({
      'count': count,
      'tmp': tmp,
      'env': left,
      'logs': logs,
      'result': File('result.json').readAsStringSync(),
      'request': File('request.json').readAsStringSync().contains('first secret'),
    });`,
  { imports: "import 'dart:io';", members: "  static var count = 0;" },
);

for (const engine of ENGINES) {
  Deno.test(`a warm sandbox keeps statics and /tmp, and nothing of the exchange, on ${engine}`, async () => {
    await using stack = await startTestStack(engine);
    strictEqual((await stack.deploy("curious", CURIOUS)).status, 201);
    const first = await stack.invoke("curious", { body: "first secret" });
    strictEqual(first.start, "warm");
    const second = await stack.invoke("curious", { body: "x" });
    strictEqual(second.start, "warm");
    deepStrictEqual(second.body, {
      count: 2,
      tmp: true,
      env: null,
      logs: "",
      result: "",
      request: false,
    });
    deepStrictEqual(
      second.logs.map(({ message }: { message: string }) => message),
      ["call 2"],
    );
    strictEqual(
      (await stack.deploy("curious", { ...CURIOUS, "x.txt": "" })).status,
      201,
    );
    strictEqual((await stack.invoke("curious")).body.count, 1);
  });

  Deno.test(`single-use gives every call a sandbox of its own, on ${engine}`, async () => {
    await using stack = await startTestStack(engine, {
      ...PATIENT,
      OCHE_ISOLATION: "single-use",
    });
    strictEqual((await stack.deploy("curious", CURIOUS)).status, 201);
    for (let call = 0; call < 2; call++) {
      const { body } = await stack.invoke("curious", { body: "first secret" });
      deepStrictEqual(body, {
        count: 1,
        tmp: false,
        env: null,
        logs: "",
        result: "",
        request: true,
      });
    }
  });

  Deno.test(`a sandbox that dies while idle is not called, on ${engine}`, async () => {
    await using stack = await startTestStack(engine, PATIENT);
    strictEqual((await stack.deploy("curious", CURIOUS)).status, 201);
    await stack.invoke("curious");
    const docker = dockerEngine({ socketPath: stack.engineSocket });
    await removeSandboxes(docker);
    const answer = await stack.invoke("curious");
    strictEqual(answer.body.count, 1);
  });
}
