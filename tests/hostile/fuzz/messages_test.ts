/** Whatever comes over HTTP and NATS, and whatever goes back. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import fc from "fast-check";
import { headers as natsHeaders } from "@nats-io/nats-core";
import { toCloudRequest } from "../../../routes/cloud_request.ts";
import { toHttp } from "../../../routes/cloud_response.ts";
import { readInvokeOptions } from "../../../routes/invoke_options.ts";
import {
  bodySize,
  decodeBody,
  encodeBody,
} from "../../../src/contracts/body.ts";
import { CloudRequest, CloudResponse } from "../../../src/contracts/cloud.ts";
import { readEventMessage } from "../../../src/contracts/cloud_event.ts";
import { BuildEvent, DeployEvent } from "../../../src/contracts/deploy.ts";
import { AppError } from "../../../src/contracts/error.ts";
import {
  FunctionChange,
  FunctionRecord,
  FunctionRef,
  VersionRecord,
} from "../../../src/contracts/function.ts";
import { KeyRequest } from "../../../src/contracts/key.ts";
import { LogBatch, LogQuery } from "../../../src/contracts/log.ts";
import { parse, parseJson } from "../../../src/contracts/parse.ts";
import { fromProblem } from "../../../src/contracts/problem.ts";
import { NewTrigger, TriggerRecord } from "../../../src/contracts/trigger.ts";
import {
  problemHeaders,
  readOptions,
  readReply,
  writeOptions,
  writeReply,
} from "../../../src/nats/invoke_codec.ts";
import { HEADER, subject } from "../../../src/nats/subject.ts";
import { fuzz, jsonWith, orRefused, text } from "./fuzz.ts";
import { replyOf } from "../../support/reply.ts";

fuzz(
  "a name in a subject is one token without a wildcard, or refused",
  fc.oneof(text, fc.stringMatching(/^[a-z0-9.*>_ -]{0,40}$/)),
  async (ref) => {
    const known = await orRefused(
      ["invalid"],
      () => parse(FunctionRef, ref, "the name"),
    );
    if (known === undefined) return;
    match(subject.invoke(known), /^functions\.invoke\.[a-z0-9-]+$/);
  },
);

const headerText = fc.oneof(
  text,
  fc.constantFrom("1", "0", "-1", "1.5", "1e21", "Infinity", " 7 ", "0x7"),
);

fuzz(
  "the options in the headers of a message are read or refused",
  fc.dictionary(
    fc.constantFrom(
      HEADER.deadline,
      HEADER.version,
      HEADER.idempotencyKey,
      HEADER.traceparent,
      HEADER.include,
      HEADER.invocationId,
      HEADER.serviceErrorCode,
    ),
    headerText,
  ),
  async (values) => {
    const h = natsHeaders();
    for (const [name, value] of Object.entries(values)) {
      try {
        h.append(name, value);
      } catch {
        return; // Line breaks are no header's to the client.
      }
    }
    const options = await orRefused(["invalid"], () => readOptions(h));
    if (options) {
      const { idempotencyKey, traceparent, ...numbers } = options;
      deepStrictEqual(readOptions(writeOptions(options)), {
        ...numbers,
        ...(idempotencyKey && { idempotencyKey }),
        ...(traceparent && { traceparent }),
      });
      ok(
        options.version === undefined || Number.isSafeInteger(options.version),
      );
      ok(
        options.deadline === undefined ||
          Number.isSafeInteger(options.deadline),
      );
    }
    let plain: Headers;
    try {
      plain = new Headers(values);
    } catch {
      return;
    }
    await orRefused(["invalid"], () => readInvokeOptions(plain));
  },
);

const request = jsonWith(
  "method",
  "path",
  "headers",
  "query",
  "queryAll",
  "body",
  "isBase64Encoded",
);

fuzz(
  "a CloudRequest is read or refused, and stays itself",
  request,
  async (value) => {
    const read = await orRefused(
      ["invalid"],
      () => parseJson(CloudRequest, JSON.stringify(value), "the request"),
    );
    if (read) {
      deepStrictEqual(
        CloudRequest.parse(JSON.parse(JSON.stringify(read))),
        read,
      );
      ok(bodySize(read) >= 0);
    }
  },
);

const answer = fc.record({
  statusCode: fc.integer({ min: 195, max: 605 }),
  headers: fc.dictionary(
    fc.oneof(
      text,
      fc.constantFrom(
        "content-type",
        "content-length",
        "transfer-encoding",
        "set-cookie",
        "location",
        "oche-invocation-id",
        "__proto__",
      ),
    ),
    fc.oneof(text, fc.array(text, { maxLength: 3 })),
    { maxKeys: 4 },
  ),
  body: fc.oneof(jsonWith(), fc.base64String()),
  isBase64Encoded: fc.constantFrom(true, undefined),
  encoding: fc.constantFrom("json", undefined),
});

fuzz(
  "every CloudResponse that is taken makes an HTTP answer and a NATS reply",
  answer,
  async (value) => {
    const response = await orRefused(
      ["invalid"],
      () => parseJson(CloudResponse, JSON.stringify(value), "the answer"),
    );
    if (!response) return;
    const reply = replyOf({ response });
    const http = toHttp(reply, 2);
    strictEqual(http.status, response.statusCode);
    await http.bytes();
    ok(encodeBody(response));
    const { json, headers } = writeReply(reply, {});
    const written = new TextDecoder().decode(json);
    deepStrictEqual(readReply(written, headers).outcome, { response });
  },
);

fuzz(
  "any body of any type is decoded to what JSON can carry",
  fc.tuple(
    fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      text.map((each) => new TextEncoder().encode(each)),
    ),
    fc.oneof(
      text,
      fc.constantFrom(
        "application/json",
        "text/plain; charset=utf-16",
        'text/plain; charset="none"',
        "application/x+json;charset=latin1",
        undefined,
      ),
    ),
  ),
  ([bytes, type]) => {
    const decoded = decodeBody(bytes, type);
    const carried = JSON.stringify(decoded);
    deepStrictEqual(JSON.stringify(JSON.parse(carried)), carried);
  },
);

fuzz(
  "any HTTP request becomes a CloudRequest or is refused",
  fc.tuple(
    fc.oneof(
      fc.webPath(),
      text.map((each) => `/${encodeURI(each.toWellFormed())}`),
    ),
    fc.oneof(
      fc.webQueryParameters(),
      fc.constantFrom("__proto__=1&__proto__=2", "%ff=%", "a&a&=&"),
    ),
    fc.dictionary(fc.constantFrom("content-type", "x-a", "te", "cookie"), text),
  ),
  async ([path, query, values]) => {
    let headers: Headers;
    try {
      headers = new Headers(values);
    } catch {
      return;
    }
    const http = new Request(`http://h/fn/x${path}?${query}`, { headers });
    const prefix = "/fn/x";
    const read = await orRefused(
      ["invalid"],
      () =>
        toCloudRequest(http, new Uint8Array(), {
          prefix,
          withAuthorization: false,
        }),
    );
    if (!read) return;
    deepStrictEqual(JSON.parse(JSON.stringify(read)), read);
    await orRefused(["invalid"], () => parse(CloudRequest, read, "it"));
  },
);

fuzz(
  "any problem becomes an error, and any error headers of one line",
  jsonWith("code", "detail", "hint", "status", "reason", "diagnostics", "logs"),
  (value) => {
    const error = fromProblem(value);
    ok(error instanceof AppError);
    const h = problemHeaders(error);
    for (const [, values] of h) {
      for (const each of values) ok(!/[\r\n]/.test(each), each);
    }
  },
);

const HEADER_NAME = fc.constantFrom(
  "ce-specversion",
  "ce-id",
  "ce-source",
  "ce-type",
  "ce-time",
  "ce-x",
  "content-type",
);

fuzz(
  "any message is an event, is none, or is refused",
  fc.tuple(
    fc.dictionary(
      HEADER_NAME,
      fc.oneof(
        text,
        fc.constantFrom(
          "1.0",
          "application/cloudevents+json",
          "application/cloudevents-batch+json",
          "application/json",
        ),
      ),
    ),
    jsonWith(
      "specversion",
      "id",
      "source",
      "type",
      "time",
      "data",
      "data_base64",
    )
      .map((value) => new TextEncoder().encode(JSON.stringify(value))),
  ),
  async ([headers, bytes]) => {
    await orRefused(
      ["invalid", "unsupported"],
      () => readEventMessage(headers, bytes),
    );
  },
);

for (
  const [what, schema, keys] of [
    ["a deploy event", DeployEvent, "functionId version archive sha256"],
    ["a build event", BuildEvent, "type step message line"],
    ["a batch of logs", LogBatch, "functionId version invocationId lines"],
    ["a query of logs", LogQuery, "limit version invocation"],
    [
      "a change of a function",
      FunctionChange,
      "public isolation minWarm idleMs",
    ],
    ["a function", FunctionRecord, "id name public settings current latest"],
    ["a version", VersionRecord, "functionId version status sha256 problem"],
    ["a key's request", KeyRequest, "name scopes functions expiresAt"],
    [
      "a new trigger",
      NewTrigger,
      "type name provider expression subject on to",
    ],
    ["a trigger", TriggerRecord, "type id name functionId secrets expression"],
  ] as const
) {
  fuzz(
    `${what} is read or refused`,
    jsonWith(...keys.split(" ")),
    async (value) => {
      await orRefused(
        ["invalid"],
        () => parseJson(schema, JSON.stringify(value), what),
      );
    },
  );
}
