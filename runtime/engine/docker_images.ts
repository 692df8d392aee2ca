/** Images through the engine's API: import, pull, build. */
import { Buffer } from "node:buffer";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
// @ts-types="@types/dockerode"
import type Docker from "dockerode";
import { z } from "zod";
import { AppError } from "../../src/contracts/error.ts";
import type { BuildSpec } from "./engine.ts";

/** One message of a build, a pull or an import. */
const Message = z.object({
  stream: z.string().optional(),
  status: z.string().optional(),
  error: z.string().optional(),
});

const LAST_LINES = 20;

export async function importBase(
  docker: Docker,
  tag: string,
  tarFile: string,
): Promise<void> {
  const { repo, label } = splitTag(tag);
  const answer = await docker.importImage(
    // The types know only of files by name, which the API does not.
    createReadStream(tarFile) as unknown as string,
    { repo, tag: label },
  );
  let id = "";
  for await (const { status, error } of messages(answer)) {
    if (error) {
      throw new AppError("unavailable", `Cannot import "${tag}": ${error}`);
    }
    if (status?.startsWith("sha256:")) id = status;
  }
  // Podman names the image after the repository alone.
  if (id) await docker.getImage(id).tag({ repo, tag: label });
}

export async function pull(docker: Docker, tag: string): Promise<void> {
  for await (const { error } of messages(await docker.pull(tag))) {
    if (error) throw new Error(error);
  }
}

/** @throws {AppError} `build_failed` with the last lines of the builder */
export async function* buildImage(
  docker: Docker,
  { tag, labels, context, network = false, signal }: BuildSpec,
): AsyncGenerator<string> {
  const answer = await docker.buildImage(
    Readable.from([Buffer.from(context)]),
    {
      t: tag,
      labels,
      rm: true,
      forcerm: true,
      ...(!network && { networkmode: "none" }),
      abortSignal: signal,
    },
  );
  const lines: string[] = [];
  for await (const { stream, error } of messages(answer)) {
    if (error) {
      throw new AppError(
        "build_failed",
        `Cannot build the image: ${error.trim()}`,
        {
          hint:
            "Mend what the builder names; ./oche deploy --verbose shows all",
          stderr: lines.slice(-LAST_LINES).join("\n"),
        },
      );
    }
    for (const line of (stream ?? "").split("\n")) {
      if (!line.trim()) continue;
      lines.push(line);
      yield line;
    }
  }
}

async function* messages(
  answer: NodeJS.ReadableStream,
): AsyncGenerator<z.output<typeof Message>> {
  for await (const line of createInterface({ input: answer as Readable })) {
    if (!line.trim()) continue;
    const message = Message.safeParse(JSON.parse(line));
    if (message.success) yield message.data;
  }
}

function splitTag(tag: string): { repo: string; label: string } {
  const at = tag.lastIndexOf(":");
  return { repo: tag.slice(0, at), label: tag.slice(at + 1) };
}
