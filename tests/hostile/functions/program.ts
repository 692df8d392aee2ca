/** The hostile function: one Dart program for many cases, as each deploy costs seconds. */
import { PRELUDE } from "./prelude.ts";

/** `?case=` picks what it does; without one it is as good as any other. */
export function hostileProgram(
  cases: readonly { id: string; dart: string }[],
  declarations = "",
): Record<string, string> {
  return {
    "lib/function.dart": `${PRELUDE}${declarations}
@cloudFunction
class Hostile extends CloudDartFunction {
  @override
  Future<CloudResponse> handle({
    required CloudRequest request,
    Map<String, String>? env,
  }) async {
    final attack = attacks[request.query['case']];
    if (attack != null) return await attack(request);
    // Too late for a watch: the next call is one that is answered by the socket.
    await Future.delayed(const Duration(milliseconds: 2));
    return CloudResponse.text('pong');
  }
}

final attacks = <String, Future<CloudResponse> Function(CloudRequest)>{
${
      cases.map(({ id, dart }) =>
        `  '${id}': (request) async {\n${dart}\n  },\n`
      ).join("")
    }};
`,
  };
}
