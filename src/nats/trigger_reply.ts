/** The answer to a message that set a function off, as the trigger asks for it. */
import { headers, type Msg, type NatsConnection } from "@nats-io/nats-core";
import { encodeBody } from "../contracts/body.ts";
import { AppError } from "../contracts/error.ts";
import type { InvokeReply, ObjectStore } from "../contracts/port.ts";
import { toProblem } from "../contracts/problem.ts";
import type { SubjectTrigger } from "../contracts/trigger.ts";
import { problemHeaders, writeReply } from "./invoke_codec.ts";
import { pack } from "./payload.ts";
import { HEADER } from "./subject.ts";

export async function respond(
  nc: NatsConnection,
  claims: ObjectStore,
  message: Msg,
  came: InvokeReply | AppError,
  as: SubjectTrigger["reply"],
): Promise<void> {
  if (came instanceof AppError) {
    message.respond(JSON.stringify(toProblem(came)), {
      headers: problemHeaders(came),
    });
  } else if (as === "body" && came.outcome.response) {
    respondBody(nc, message, came);
  } else {
    const { json, headers: h } = writeReply(came, {});
    const data = await pack(nc, claims, json, h);
    message.respond(data, { headers: h });
  }
}

/** The body alone; status and type are headers. */
function respondBody(
  nc: NatsConnection,
  message: Msg,
  { outcome: { response }, invocationId }: InvokeReply,
): void {
  if (!response) return;
  const { bytes, defaultType } = encodeBody(response);
  const type = [response.headers["content-type"]].flat()[0] ?? defaultType;
  const h = headers();
  h.set(HEADER.invocationId, invocationId);
  h.set(HEADER.status, String(response.statusCode));
  if (type !== undefined) h.set(HEADER.contentType, type);
  const body = bytes ?? "";
  const limit = nc.info?.max_payload ?? Infinity;
  const size = typeof body === "string"
    ? new TextEncoder().encode(body).length
    : body.length;
  if (size < limit) message.respond(body, { headers: h });
  else {
    const error = new AppError(
      "too_large",
      `The answer has ${size} bytes: more than a message may hold`,
      { hint: "Answer less, or set reply=response" },
    );
    message.respond(JSON.stringify(toProblem(error)), {
      headers: problemHeaders(error),
    });
  }
}
