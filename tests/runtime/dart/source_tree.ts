/** Source trees from text, and the pieces that authors' classes are made of. */
import type { SourceTree } from "../../../runtime/source_tree.ts";

const encoder = new TextEncoder();

export function treeOf(
  files: Record<string, string | Uint8Array>,
): SourceTree {
  return new Map(
    Object.entries(files).map(([path, content]) => [
      path,
      typeof content === "string" ? encoder.encode(content) : content,
    ]),
  );
}

export const IMPORT =
  "import 'package:dart_cloud_function/dart_cloud_function.dart';";

export const HANDLE =
  "  @override Future<CloudResponse> handle({required CloudRequest request, " +
  "Map<String, String>? env}) async => CloudResponse.text('x');";

/** The plain class, from line 2 on. */
export const GOOD = `@cloudFunction
class F extends CloudDartFunction {
${HANDLE}
}
`;
