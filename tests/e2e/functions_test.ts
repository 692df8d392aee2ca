/** What authors' functions come to, on each engine: the whole way, all parts real. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { dockerEngine } from "../../runtime/engine/docker.ts";
import { LABEL } from "../../runtime/labels.ts";
import { ENGINES } from "../support/engines.ts";
import { plainFunction } from "../support/project.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { until } from "../support/until.ts";

const ECHO = plainFunction(`
    return CloudResponse.json({
      'method': request.method,
      'path': request.path,
      'headers': request.headers,
      'query': request.query,
      'body': request.body,
      'env': env,
    });`);

interface Scenario {
  it: string;
  files: Record<string, string>;
  envelope?: unknown;
  // deno-lint-ignore no-explicit-any -- An answer of any shape.
  check(answer: any): void;
}

/** Deployed, invoked once through the envelope, checked. */
const SCENARIOS: Scenario[] = [
  {
    it:
      "a function gets method, path, headers, query, body and the spec's variables",
    files: ECHO,
    envelope: {
      method: "PUT",
      path: "/a%20b",
      headers: { "X-Y": "1" },
      query: { q: "ü" },
      body: { deep: [1, null, "two"] },
    },
    check(answer) {
      strictEqual(answer.statusCode, 200);
      strictEqual(answer.start, "warm");
      const { env, ...rest } = answer.body;
      deepStrictEqual(rest, {
        method: "PUT",
        path: "/a%20b",
        headers: { "x-y": "1" },
        query: { q: "ü" },
        body: { deep: [1, null, "two"] },
      });
      strictEqual(env.DART_CLOUD_RESTRICTED, "true");
      strictEqual(env.FUNCTION_TIMEOUT_MS, "2000");
      ok(Number(env.FUNCTION_MAX_MEMORY_MB) >= 64);
      match(
        env.SHARED_PATH,
        /^\/app\/functions\/[0-9a-f-]{36}\/v1\/oche-[0-9a-f]{8}-[0-9a-f]{8}-\w+$/,
      );
      strictEqual(env.DATABASE_URL, undefined);
    },
  },
  {
    it:
      "a function with a logger logs in the spec's shape, print() and stderr too",
    files: {
      "lib/function.dart": `
import 'dart:io';
import 'package:dart_cloud_function/dart_cloud_function.dart';
import 'package:dart_cloud_logger/dart_cloud_logger.dart';

@cloudFunction
final class Logged extends CloudDartFunction {
  @override
  Future<CloudResponse> handle({
    required CloudRequest request,
    required CloudDartFunctionLogger logger,
    Map<String, String>? env,
  }) async {
    logger.info('one', metadata: {'n': 1});
    logger.error('two');
    logger.debug('three');
    print('four');
    stderr.writeln('five');
    Future.error('six');
    await Future.delayed(Duration(milliseconds: 10));
    return CloudResponse.text('done');
  }
}
`,
    },
    check(answer) {
      strictEqual(answer.body, "done");
      const lines = answer.logs.map(
        ({ level, message }: { level: string; message: string }) =>
          `${level} ${message.split("\n")[0]}`,
      );
      deepStrictEqual(lines.slice(0, 5), [
        "info one",
        "error two",
        "debug three",
        "info four",
        "error five",
      ]);
      match(lines[5], /^error .*six/);
      deepStrictEqual(answer.logs[0].metadata, { n: 1 });
      match(answer.logs[0].timestamp, /^\d{4}-\d\d-\d\dT.*Z$/);
    },
  },
  {
    it: "several files with relative and package: imports make one function",
    files: {
      "shop/pubspec.yaml": "name: shop_api\nenvironment:\n  sdk: ^3.4.0\n",
      "shop/main.dart": "void main() {}\n",
      "shop/lib/src/price.dart": "const price = 7;\n",
      "shop/lib/tax.dart":
        "import 'package:shop_api/src/price.dart';\nint taxed() => price * 2;\n",
      "shop/function.dart": `
import 'package:dart_cloud_function/dart_cloud_function.dart' as cloud;
import 'lib/tax.dart';

@cloud.CloudFunction()
base class Shop extends cloud.CloudDartFunction {
  @override
  Future<cloud.CloudResponse> handle({
    required cloud.CloudRequest request,
    Map<String, String>? env,
  }) async => cloud.CloudResponse.json(taxed());
}
`,
    },
    check(answer) {
      strictEqual(answer.body, 14);
    },
  },
  {
    it: "a throw is the spec's runtime error, its stack only in the logs",
    files: plainFunction("    throw StateError('no stock');"),
    check(answer) {
      strictEqual(answer.statusCode, 500);
      deepStrictEqual(answer.headers, { "content-type": "application/json" });
      deepStrictEqual(answer.body, {
        error: "Function execution failed: Bad state: no stock",
      });
      match(JSON.stringify(answer.logs), /function\.dart/);
    },
  },
  {
    it: "a busy loop is a timeout with the logs so far",
    files: plainFunction("    print('before');\n    while (true) {}"),
    check(answer) {
      strictEqual(answer.status, 504);
      strictEqual(answer.code, "timeout");
      strictEqual(answer.logs[0].message, "before");
    },
  },
  {
    it: "a future that never completes is a timeout",
    files: plainFunction(
      "    await Future.delayed(Duration(days: 1));\n    return CloudResponse.text('');",
    ),
    check(answer) {
      strictEqual(answer.code, "timeout");
    },
  },
  {
    it: "too much memory is oom",
    files: plainFunction(
      `
    final all = [];
    while (true) {
      all.add(Uint8List(1 << 20)..fillRange(0, 1 << 20, 1));
    }`,
      { imports: "import 'dart:typed_data';" },
    ),
    check(answer) {
      strictEqual(answer.status, 502);
      strictEqual(answer.code, "function_failed");
      strictEqual(answer.reason, "oom");
    },
  },
  {
    it: "exit(0) without an answer is no_result",
    files: plainFunction("    exit(0);", { imports: "import 'dart:io';" }),
    check(answer) {
      strictEqual(answer.reason, "no_result");
    },
  },
  {
    it: "exit(7) is a crash with its last words",
    files: plainFunction(
      "    final raw = File('/dev/stderr').openSync(mode: FileMode.write);\n    raw.writeStringSync('goodbye\\n');\n    exit(7);",
      { imports: "import 'dart:io';" },
    ),
    check(answer) {
      strictEqual(answer.reason, "crash");
      match(answer.detail, /exit code 7/);
    },
  },
  {
    it: "a status that is none is bad_result",
    files: plainFunction("    return CloudResponse(statusCode: 99);"),
    check(answer) {
      strictEqual(answer.reason, "bad_result");
      match(answer.detail, /statusCode/);
    },
  },
  {
    it: "a result over the limit is too_large",
    files: plainFunction("    return CloudResponse.text('x' * 2000000);"),
    check(answer) {
      strictEqual(answer.code, "too_large");
    },
  },
  {
    it: "bytes travel as base64",
    files: plainFunction(
      "    return CloudResponse(body: Uint8List.fromList([0, 1, 255]));",
      { imports: "import 'dart:typed_data';" },
    ),
    check(answer) {
      strictEqual(answer.body, "AAH/");
      strictEqual(answer.isBase64Encoded, true);
    },
  },
  {
    it:
      "the exchange directory is all that a function sees of the host, and it cannot be replaced",
    files: plainFunction(
      `
    String attempt(void Function() act) {
      try {
        act();
        return 'done';
      } on FileSystemException {
        return 'refused';
      }
    }
    return CloudResponse.json({
      'files': Directory.current.listSync().map((f) => f.uri.pathSegments.lastWhere((s) => s.isNotEmpty)).where((n) => n != 'doorbell').toList()..sort(),
      'functions': Directory('/app/functions').listSync().length,
      'delete': attempt(() => File('result.json').deleteSync()),
      'link': attempt(() => Link('x').createSync('/etc/shadow')),
      'root': attempt(() => File('/x').writeAsStringSync('x')),
      'tmp': attempt(() => File('/tmp/x').writeAsStringSync('x')),
    });`,
      { imports: "import 'dart:io';" },
    ),
    check(answer) {
      deepStrictEqual(answer.body, {
        files: [
          ".env.config",
          "answer",
          "logs.json",
          "request.json",
          "result.json",
          "ring",
        ],
        functions: 1,
        delete: "refused",
        link: "refused",
        root: "refused",
        tmp: "done",
      });
    },
  },
];

interface Refusal {
  it: string;
  files: Record<string, string>;
  code: string;
  detail: RegExp;
  diagnostic?: { file: string; line: number; column?: number };
}

const SPEC_TEXT = "Failed to inject main.dart\\. Ensure function has exactly " +
  "one class extending CloudDartFunction with @cloudFunction annotation\\.";

/** Not deployed, with the reason. */
const REFUSALS: Refusal[] = [
  {
    it: "a compile error, at its place in the author's file",
    files: plainFunction(
      "    final int n = 'text';\n    return CloudResponse();",
    ),
    code: "build_failed",
    detail: /lib\/function\.dart:12:\d+: /,
    diagnostic: { file: "lib/function.dart", line: 12 },
  },
  {
    it: "an archive without Dart",
    files: { "README.md": "hello" },
    code: "injection_failed",
    detail: new RegExp(`^${SPEC_TEXT} .*\\.dart`),
  },
  {
    it: "a class without the annotation",
    files: {
      "lib/a.dart":
        "import 'package:dart_cloud_function/dart_cloud_function.dart';\nclass A extends CloudDartFunction {}\n",
    },
    code: "injection_failed",
    detail: new RegExp(`^${SPEC_TEXT} `),
  },
  {
    it: "a main() of the author's",
    files: { ...ECHO, "lib/other.dart": "\nvoid main() {}\n" },
    code: "injection_failed",
    detail: /lib\/other\.dart:2/,
  },
];

for (const name of ENGINES) {
  Deno.test(`functions on ${name}`, async (t) => {
    await using stack = await startTestStack(name, {
      OCHE_FUNCTION_TIMEOUT_MS: "2000",
      OCHE_MAX_RESULT_BYTES: "500000",
      OCHE_DATABASE_URL: "postgres://u:p@db/x?a=b#c d",
      OCHE_NETWORKS: "database",
    });
    for (const [index, { it, files, envelope, check }] of SCENARIOS.entries()) {
      await t.step(it, async () => {
        const response = await stack.deploy(`f${index}`, files);
        const text = await response.text();
        strictEqual(response.status, 201, text);
        check(await stack.invoke(`f${index}`, envelope));
      });
    }
    for (const { it, files, code, detail, diagnostic } of REFUSALS) {
      await t.step(`deploy refuses ${it}`, async () => {
        const response = await stack.deploy("refused", files);
        const problem = await response.json();
        strictEqual(response.status, 422);
        strictEqual(problem.code, code);
        match(problem.detail, detail);
        if (diagnostic) {
          const { file, line } = problem.diagnostics[0];
          strictEqual(file, diagnostic.file);
          strictEqual(line, diagnostic.line);
        }
      });
    }
    await t.step(
      "a version's life: HTTP, NATS, redeploy, rollback, delete",
      () => lifeOf(stack),
    );
  });
}

async function lifeOf(stack: TestStack): Promise<void> {
  const version = (n: number) =>
    plainFunction(`    return CloudResponse.text('v${n}');`);
  const first = await (await stack.deploy("life", version(1))).json();
  strictEqual(first.class, "TestFunction");
  strictEqual(first.file, "lib/function.dart");
  const path = "/fn/life/some/path";
  const raw = await stack.call("GET", path);
  strictEqual(await raw.text(), "v1");
  strictEqual(raw.headers.get("oche-version"), "1");

  const reply = await stack.nc.request("functions.invoke.life", "{}", {
    timeout: 10_000,
  });
  strictEqual(reply.json<{ body: string }>().body, "v1");
  const byId = await stack.nc.request(`functions.invoke.${first.id}`, "", {
    timeout: 10_000,
  });
  strictEqual(byId.json<{ body: string }>().body, "v1");

  strictEqual((await stack.deploy("life", version(1))).status, 200);
  strictEqual(
    (await (await stack.deploy("life", version(2))).json()).version,
    2,
  );
  strictEqual(await (await stack.call("GET", path)).text(), "v2");
  const failed = await stack.deploy("life", plainFunction("    nope"));
  strictEqual(failed.status, 422);
  await failed.body?.cancel();
  strictEqual(await (await stack.call("GET", path)).text(), "v2");
  const pinned = await stack.call("GET", path, {
    headers: { "oche-version": "1" },
  });
  strictEqual(await pinned.text(), "v1");
  await (await stack.call("POST", "/api/functions/life/rollback")).body
    ?.cancel();
  strictEqual(await (await stack.call("GET", path)).text(), "v1");

  const engine = dockerEngine({ socketPath: stack.engineSocket });
  const { versions } =
    await (await stack.call("GET", "/api/functions/life/versions")).json();
  const tags = new Set(
    versions.filter(({ status }: { status: string }) => status === "ready")
      .map(({ image }: { image: string }) => image),
  );
  const images = async () =>
    (await engine.listImages({ [LABEL.role]: "image" }))
      .filter(({ tag }) => tags.has(tag));
  strictEqual((await images()).length, 2);
  strictEqual((await stack.call("DELETE", "/api/functions/life")).status, 204);
  strictEqual((await stack.call("GET", path)).status, 404);
  // Podman fails to list while an image goes; who polls asks again.
  await until(async () =>
    (await images().catch(() => undefined))?.length === 0
  );
}
