/** A JSON-lines logger for the programs themselves; the writer is injected. */

export type Level = "debug" | "info" | "warn" | "error";

export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
  child(fields: Record<string, unknown>): Logger;
}

export function createLogger(
  write: (line: string) => void,
  fields: Record<string, unknown> = {},
): Logger {
  function log(
    level: Level,
    message: string,
    more: Record<string, unknown> = {},
  ): void {
    const entry = {
      time: new Date().toISOString(),
      level,
      message,
      ...fields,
      ...more,
    };
    write(JSON.stringify(entry, readable));
  }
  return {
    debug: (message, more) => log("debug", message, more),
    info: (message, more) => log("info", message, more),
    warn: (message, more) => log("warn", message, more),
    error: (message, more) => log("error", message, more),
    child: (more) => createLogger(write, { ...fields, ...more }),
  };
}

/** Errors as text with their causes; JSON would show `{}`. */
function readable(_name: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const cause = value.cause instanceof Error
    ? `; cause: ${value.cause.stack ?? value.cause.message}`
    : "";
  return `${value.stack ?? value.message}${cause}`;
}
