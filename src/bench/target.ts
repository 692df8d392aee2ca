/** The stack under measurement, and how the scenarios speak to it. */
import type { ContainerEngine } from "../../runtime/engine/engine.ts";
import { packDirectory } from "../cli/pack.ts";
import { AppError } from "../contracts/error.ts";

export interface Target {
  url: string;
  key: string;
  engine: ContainerEngine;
  engineName: "docker" | "podman";
  engineSocket: string;
  installation: string;
}

export const BODY = JSON.stringify({ name: "Ada", text: "x".repeat(992) });

/** Calls the API. @throws {AppError} `internal` with what it answered instead */
export async function api(
  { url, key }: Pick<Target, "url" | "key">,
  method: string,
  path: string,
  body?: BodyInit,
): Promise<unknown> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}` },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  if (response.ok) return text === "" ? undefined : JSON.parse(text);
  throw new AppError("internal", `${method} ${path} answered ${text}`);
}

/**
 * An echo, packed; its content differs by the mark. Without one it is the usual
 * content, which is compiled once for all scenarios of a stack.
 */
export async function echoArchive(mark = "usual"): Promise<Uint8Array> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/lib`);
    await Deno.writeTextFile(`${folder}/lib/echo.dart`, echoSource(mark));
    return (await packDirectory(folder)).bytes;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function echoSource(mark: string): string {
  const library = "package:dart_cloud_function/dart_cloud_function.dart";
  return `// ${mark}
${"import"} '${library}';

@cloudFunction
class Echo extends CloudDartFunction {
  @override
  Future<CloudResponse> handle({
    required CloudRequest request,
    Map<String, String>? env,
  }) async =>
      CloudResponse.json(request.body);
}
`;
}

export async function deploy(
  target: Target,
  name: string,
  archive: Uint8Array,
): Promise<void> {
  await api(
    target,
    "POST",
    `/api/functions/${name}/deployments`,
    archive as Uint8Array<ArrayBuffer>,
  );
}

/** The tag of any function's image. */
export async function functionImage(
  { engine, installation }: Pick<Target, "engine" | "installation">,
): Promise<string> {
  const [image] = await engine.listImages({
    "oche.installation": installation,
    "oche.role": "image",
  });
  return image?.tag ?? "";
}

/** Pauses between measurements, so that what runs behind calls is done. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
