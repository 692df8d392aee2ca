/** An author's project as an archive, from Dart text. */
import { gzipSync } from "node:zlib";
import { packContext } from "../../runtime/image/context.ts";

const encoder = new TextEncoder();

export async function archiveOf(
  files: Record<string, string>,
): Promise<Uint8Array<ArrayBuffer>> {
  const entries = Object.entries(files)
    .map(([path, text]) => [path, encoder.encode(text)] as const);
  return new Uint8Array(gzipSync(await packContext(new Map(entries))));
}

/** One file with a class whose handle() has this body. */
export function plainFunction(
  body: string,
  { imports = "", members = "" } = {},
): Record<string, string> {
  return {
    "lib/function.dart": `${imports}
import 'package:dart_cloud_function/dart_cloud_function.dart';

@cloudFunction
class TestFunction extends CloudDartFunction {
${members}
  @override
  Future<CloudResponse> handle({
    required CloudRequest request,
    Map<String, String>? env,
  }) async {
${body}
  }
}
`,
  };
}
