/** Log lines of functions, on a JetStream stream: append, query, purge. */
import type {
  JetStreamClient,
  JetStreamManager,
  JsMsg,
} from "@nats-io/jetstream";
import { LogBatch, type LogEntry, type LogQuery } from "../contracts/log.ts";
import type { LogStore } from "../contracts/port.ts";
import { STREAM, subject } from "../nats/subject.ts";
import { scan } from "./scan.ts";

/** A batch over this many bytes is cut into several messages. */
const MAX_BATCH_BYTES = 512 * 1024;

export async function logStore(js: JetStreamClient): Promise<LogStore> {
  const jsm: JetStreamManager = await js.jetstreamManager();
  return {
    async append(batch) {
      for (const lines of cut(batch)) {
        await js.publish(
          subject.log(batch.functionId, batch.version),
          JSON.stringify({ ...batch, lines }),
        );
      }
    },
    async query(functionId, query) {
      return select(await batches(js, functionId, query), query);
    },
    async purge(functionId) {
      await jsm.streams.purge(STREAM.log, {
        filter: subject.logsOf(functionId),
      });
    },
  };
}

/** The newest batches that match: as many as lines are asked for suffice. */
async function batches(
  js: JetStreamClient,
  functionId: string,
  { version, invocation, limit }: LogQuery,
): Promise<LogBatch[]> {
  const filter = version === undefined
    ? subject.logsOf(functionId)
    : subject.log(functionId, version);
  const found: LogBatch[] = [];
  for await (const message of scan(js, { stream: STREAM.log, filter })) {
    const batch = readBatch(message);
    if (
      !batch ||
      (invocation !== undefined && batch.invocationId !== invocation)
    ) continue;
    found.push(batch);
    if (found.length > limit) found.shift();
  }
  return found;
}

/** What others published there is no reason to show nothing at all. */
function readBatch(message: JsMsg): LogBatch | undefined {
  try {
    return LogBatch.safeParse(message.json()).data;
  } catch {
    return undefined;
  }
}

function select(found: LogBatch[], { limit }: LogQuery): LogEntry[] {
  return found
    .flatMap(({ invocationId, version, lines }) =>
      lines.map((line) => ({ ...line, invocationId, version }))
    )
    .slice(-limit);
}

/** Pieces that fit a message, each at least one line. */
function cut({ lines }: LogBatch): LogBatch["lines"][] {
  const pieces: LogBatch["lines"][] = [];
  let piece: LogBatch["lines"] = [];
  let size = 0;
  for (const line of lines) {
    const bytes = JSON.stringify(line).length * 3;
    if (piece.length > 0 && size + bytes > MAX_BATCH_BYTES) {
      pieces.push(piece);
      piece = [];
      size = 0;
    }
    piece.push(line);
    size += bytes;
  }
  if (piece.length > 0) pieces.push(piece);
  return pieces;
}
