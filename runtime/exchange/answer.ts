/** What a function left behind, read with distrust: result.json and logs.json. */
import { type z, ZodError } from "zod";
import { isResponseAsIs } from "../../src/contracts/as_is.ts";
import { bodySize, ENCODING_FACTOR } from "../../src/contracts/body.ts";
import { type CloudResponse, ResultFile } from "../../src/contracts/cloud.ts";
import { AppError } from "../../src/contracts/error.ts";
import { LogFile, type LogLine } from "../../src/contracts/log.ts";
import { keepJson } from "../../src/contracts/json_source.ts";
import { parseJson } from "../../src/contracts/parse.ts";
import { decodeUtf8 } from "../../src/contracts/utf8.ts";
import type { ExchangeDirectory } from "./directory.ts";

const OPENING_BRACE = 0x7b;

/** Both files name the invocation that they are of: what an earlier one left
 * running may write too, and must not answer or log for this one unnoticed. */
const LEFT_RUNNING = "Something that an earlier call left running wrote it: " +
  "await all work before the answer, or set isolation to single-use";

const LEAVE_IT =
  "Answer with a CloudResponse, and let nothing else write result.json";
const HINT_OF_FIELD: Record<string, string> = {
  statusCode: "Answer with a statusCode from 200 to 599",
  headers: "Answer with headers whose names are HTTP tokens, " +
    "and whose values hold no line break",
};

/**
 * @throws {AppError} `function_failed` with `no_result` or `bad_result`,
 * `too_large`
 */
export function readResponse(
  exchange: ExchangeDirectory,
  invocationId: string,
  maxBytes: number,
): CloudResponse {
  const bytes = readBytes(exchange, maxBytes);
  const text = readText(bytes);
  if (text.trim() === "") {
    throw new AppError(
      "function_failed",
      "Cannot read result.json: the function left it empty",
      { reason: "no_result", hint: LEAVE_IT },
    );
  }
  const { result, isAsIs } = parseResult(text);
  const { invocation, ...response } = result;
  if (invocation !== invocationId) {
    throw badResult(
      "Cannot take result.json: it answers another invocation",
      undefined,
      LEFT_RUNNING,
    );
  }
  // What is small as a file is small as a body.
  const size = bytes.length > maxBytes ? bodySize(response) : 0;
  if (size > maxBytes) {
    throw tooLarge(`the answer: its body has ${size} bytes, over ${maxBytes}`);
  }
  const json = isAsIs
    ? withoutInvocation(bytes, text, invocationId)
    : undefined;
  return json ? keepJson(response, json) : response;
}

/**
 * The answer's own JSON in a file that starts as ours do: a copy, as the bytes
 * do not last.
 */
function withoutInvocation(
  bytes: Uint8Array,
  text: string,
  invocationId: string,
): Uint8Array | undefined {
  const start = `{"invocation":"${invocationId}",`;
  if (!text.startsWith(start) || bytes[0] !== OPENING_BRACE) return undefined;
  const json = bytes.slice(start.length - 1);
  json[0] = OPENING_BRACE;
  return json;
}

type Result = z.output<typeof ResultFile>;

function parseResult(text: string): { result: Result; isAsIs: boolean } {
  let isAsIs = false;
  try {
    const result = parseJson(
      ResultFile,
      text,
      "result.json",
      (value): value is Result => isAsIs = isResultAsIs(value),
    );
    return { result, isAsIs };
  } catch (cause) {
    const { message, cause: refusal } = AppError.from(cause);
    throw badResult(message, cause, hintOf(refusal));
  }
}

/** What to do about the field that the schema refused. */
function hintOf(refusal: unknown): string {
  const field = refusal instanceof ZodError
    ? refusal.issues[0]?.path[0]
    : undefined;
  return HINT_OF_FIELD[String(field)] ?? LEAVE_IT;
}

function isResultAsIs(value: unknown): value is Result {
  return isResponseAsIs(value, "invocation") && "invocation" in value &&
    typeof value.invocation === "string";
}

function readBytes(exchange: ExchangeDirectory, maxBytes: number): Uint8Array {
  try {
    return exchange.readResult(maxBytes * ENCODING_FACTOR);
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge(cause.message);
    throw cause;
  }
}

function readText(bytes: Uint8Array): string {
  try {
    return decodeUtf8(bytes);
  } catch (cause) {
    throw badResult("Cannot read result.json: it is not UTF-8", cause);
  }
}

/** The lines of one invocation; a broken file costs the lines, not the answer. */
export function readLogLines(
  exchange: ExchangeDirectory,
  invocationId: string,
  maxBytes: number,
): LogLine[] {
  const { text, cut } = exchange.readLogs(maxBytes * ENCODING_FACTOR);
  if (text.trim() === "") return [];
  if (cut) return [mark("Log dropped: logs.json is too large")];
  try {
    const { invocation, logs } = parseJson(LogFile, text, "logs.json");
    if (invocation === invocationId) return logs;
    return [
      mark(`Log dropped: logs.json is of another invocation. ${LEFT_RUNNING}`),
    ];
  } catch (error) {
    return [mark(AppError.from(error).message)];
  }
}

function mark(message: string): LogLine {
  return { level: "error", message, timestamp: new Date().toISOString() };
}

function tooLarge(what: string): AppError {
  return new AppError("too_large", `Cannot read ${what}`, {
    hint: "Answer with less, or with a reference to the data",
  });
}

function badResult(
  message: string,
  cause: unknown,
  hint = LEAVE_IT,
): AppError {
  return new AppError("function_failed", message, {
    reason: "bad_result",
    hint,
    cause,
  });
}
