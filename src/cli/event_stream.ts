/** Server-sent events of a response (WHATWG HTML §9.2), as far as a build sends them. */

export interface ServerEvent {
  event: string;
  data: string;
}

export async function* serverEvents(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<ServerEvent> {
  let rest = "";
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const lines = block.split("\n");
      const data = lines.filter((line) => line.startsWith("data:"))
        .map((line) => line.slice(5).trimStart()).join("\n");
      const event = lines.find((line) => line.startsWith("event:"))
        ?.slice(6).trim();
      if (event !== undefined) yield { event, data };
    }
  }
}
