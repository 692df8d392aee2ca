/** What a function left behind, read with distrust: result.json and logs.json. */
import { byteLength } from "../../src/contracts/base64.ts";
import { bodySize } from "../../src/contracts/body.ts";
import { CloudResponse } from "../../src/contracts/cloud.ts";
import { AppError } from "../../src/contracts/error.ts";
import { LogFile, type LogLine } from "../../src/contracts/log.ts";
import { parseJson } from "../../src/contracts/parse.ts";
import type { ExchangeDirectory } from "./directory.ts";

/** What JSON and base64 add to a body at most. */
const ENCODING_FACTOR = 2;

/**
 * @throws {AppError} `function_failed` with `no_result` or `bad_result`,
 * `too_large`
 */
export function readResponse(
  exchange: ExchangeDirectory,
  maxBytes: number,
): CloudResponse {
  const text = readText(exchange, maxBytes);
  if (text.trim() === "") {
    throw new AppError(
      "function_failed",
      "Cannot read result.json: the function left it empty",
      { reason: "no_result" },
    );
  }
  const response = parseResponse(text);
  // What is small as a file is small as a body.
  const size = byteLength(text) > maxBytes ? bodySize(response) : 0;
  if (size > maxBytes) {
    throw tooLarge(`the answer: its body has ${size} bytes, over ${maxBytes}`);
  }
  return response;
}

function parseResponse(text: string): CloudResponse {
  try {
    return parseJson(CloudResponse, text, "result.json");
  } catch (cause) {
    throw badResult(AppError.from(cause).message, cause);
  }
}

function readText(exchange: ExchangeDirectory, maxBytes: number): string {
  try {
    return exchange.readResult(maxBytes * ENCODING_FACTOR);
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge(cause.message);
    throw badResult("Cannot read result.json: it is not UTF-8", cause);
  }
}

/** The lines of one invocation; a broken file costs the lines, not the answer. */
export function readLogLines(
  exchange: ExchangeDirectory,
  maxBytes: number,
): LogLine[] {
  const { text, cut } = exchange.readLogs(maxBytes * ENCODING_FACTOR);
  if (text.trim() === "") return [];
  if (cut) return [mark("Log dropped: logs.json is too large")];
  try {
    return parseJson(LogFile, text, "logs.json").logs;
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

function badResult(message: string, cause: unknown): AppError {
  return new AppError("function_failed", message, {
    reason: "bad_result",
    hint: "Answer with a CloudResponse whose body can be encoded as JSON",
    cause,
  });
}
