/** Why a sandbox gave no answer, as errors that callers can act on. */
import { AppError } from "../../src/contracts/error.ts";
import type { Exit } from "../engine/engine.ts";

const LAST_LINES = 20;
/** What the VM prints when its own heap is full. */
const HEAP_FULL = /out of memory|exhausted heap space/i;

/** @param output What is known of the standard error, oldest line first. */
export function deathError(
  exit: Exit | undefined,
  output: string[],
): AppError {
  const stderr = output.length === 0
    ? undefined
    : output.slice(-LAST_LINES).join("\n");
  if (exit?.oomKilled || output.some((line) => HEAP_FULL.test(line))) {
    return new AppError("function_failed", "The function ran out of memory", {
      reason: "oom",
      hint: "Use less memory, or raise OCHE_FUNCTION_MEMORY_MB",
      stderr,
    });
  }
  if (exit?.exitCode === 0) {
    return new AppError(
      "function_failed",
      "The function ended its process before it answered",
      {
        reason: "no_result",
        hint: "Return a CloudResponse from handle() and do not call exit()",
        stderr,
      },
    );
  }
  const code = exit ? ` with exit code ${exit.exitCode}` : "";
  return new AppError("function_failed", `The function crashed${code}`, {
    reason: "crash",
    hint: "Look at the logs of the function",
    stderr,
  });
}

export function timeoutError(message: string): AppError {
  return new AppError("timeout", message, {
    hint: "Look for endless loops and futures that never complete, " +
      "or raise OCHE_FUNCTION_TIMEOUT_MS",
  });
}

export function garbageError(): AppError {
  return new AppError(
    "function_failed",
    "Cannot understand the function: it spoke garbage on the doorbell",
    {
      reason: "bad_result",
      hint: "Let nothing but Oche write to the socket named doorbell",
    },
  );
}
