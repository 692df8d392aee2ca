/** How full every stream and bucket is, as JetStream says. */
import {
  type JetStreamClient,
  type JetStreamManager,
  StorageType,
  type StreamInfo,
} from "@nats-io/jetstream";
import { millis } from "@nats-io/nats-core";
import type { Storage, Store } from "../contracts/storage.ts";
import { BUCKET, STREAM } from "../nats/subject.ts";

/** What lies under a bucket has its kind before the name. */
const KINDS = { "KV_": "records", "OBJ_": "objects", "": "stream" } as const;

export async function jetStreamStorage(js: JetStreamClient): Promise<Storage> {
  const jsm = await js.jetstreamManager();
  const names = [
    ...Object.values(STREAM),
    ...Object.values(BUCKET).flatMap((name) => [`KV_${name}`, `OBJ_${name}`]),
  ];
  return {
    async stores() {
      const infos = await Promise.all(names.map((name) => infoOf(jsm, name)));
      return infos.flatMap((info) => info ? [view(info)] : [])
        .sort((a, b) => a.name < b.name ? -1 : 1);
    },
  };
}

/** A bucket is of one kind; of the other there is no stream. */
async function infoOf(
  jsm: JetStreamManager,
  name: string,
): Promise<StreamInfo | undefined> {
  try {
    return await jsm.streams.info(name);
  } catch {
    return undefined;
  }
}

function view({ config, state }: StreamInfo): Store {
  const prefix = config.name.startsWith("KV_")
    ? "KV_"
    : config.name.startsWith("OBJ_")
    ? "OBJ_"
    : "";
  return {
    name: config.name.slice(prefix.length),
    kind: KINDS[prefix],
    messages: state.messages,
    bytes: state.bytes,
    ...(config.max_bytes > 0 && { maxBytes: config.max_bytes }),
    ...(config.max_age > 0 && { maxAgeMs: millis(config.max_age) }),
    isInMemory: config.storage === StorageType.Memory,
  };
}
