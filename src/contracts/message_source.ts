/** NATS messages, as subject triggers take them. */
import type { AppError } from "./error.ts";
import type { InvokeReply } from "./port.ts";
import type { SubjectTrigger } from "./trigger.ts";

export interface TakenMessage {
  subject: string;
  /** Names in lower case; several values of one are joined by a comma. */
  headers: Record<string, string>;
  data: Uint8Array;
}

export interface CoreMessage extends TakenMessage {
  /** Where the sender waits: answers, in the form that the trigger asks for. */
  respond?: (
    came: InvokeReply | AppError,
    as: SubjectTrigger["reply"],
  ) => Promise<void>;
}

export interface StreamMessage extends TakenMessage {
  stream: string;
  seq: number;
  /**
   * Counts an attempt, so that one after it has another number whoever is
   * killed meanwhile; waits for as long as that cannot be.
   *
   * @returns its number, from 1
   * @throws {AppError} `unavailable` at the signal
   */
  begin(signal: AbortSignal): Promise<number>;
  /** It is done with. */
  ack(): Promise<void>;
  /** It comes again, after so many milliseconds. */
  retry(delayMs: number): void;
  /** It goes on being worked at. */
  working(): void;
}

/** A place in a stream that all gateways share. */
export interface StreamReader {
  /**
   * Up to so many messages; the first is waited for some time, the others as
   * long as it is said. None came where it is empty.
   */
  next(count: number, waitMs: number): Promise<StreamMessage[]>;
}

export interface MessageSource {
  /** Each message comes to one of the gateways that ask for this trigger. */
  subscribe(
    trigger: SubjectTrigger,
    callback: (message: CoreMessage) => void,
  ): Disposable;
  /**
   * The durable consumers of a trigger, made where they are not there yet: one,
   * or one for each subject where the server is too old to filter by several.
   *
   * @throws {AppError} `not_found` without such a stream, `unavailable`
   */
  read(trigger: SubjectTrigger): Promise<StreamReader[]>;
  /** Removes the consumers of a trigger; nothing if they are gone. */
  forget(trigger: SubjectTrigger): Promise<void>;
  /** Removes the consumers of every trigger that is not among these. */
  keepOnly(ids: ReadonlySet<string>): Promise<void>;
}
