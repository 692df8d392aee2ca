/** Counts an attempt at each message of a call before any of them runs. */
import type { StreamMessage } from "../contracts/message_source.ts";

export interface Begun {
  /** Of the messages' attempts, in their order. */
  numbers: number[];
  /** Nothing ran: takes back what can be. */
  undo(): Promise<void>;
}

/**
 * All of them or none.
 *
 * @throws {AppError} `unavailable`, `timeout`
 */
export async function beginAll(messages: StreamMessage[]): Promise<Begun> {
  const settled = await Promise.allSettled(
    messages.map(async (message) => ({
      message,
      number: await message.begin(),
    })),
  );
  const begun = settled.flatMap((each) =>
    each.status === "fulfilled" ? [each.value] : []
  );
  async function undo(): Promise<void> {
    await Promise.allSettled(
      begun.map(({ message, number }) => message.undo(number)),
    );
  }
  const failed = settled.find((each) => each.status === "rejected");
  if (failed) {
    await undo();
    throw failed.reason;
  }
  return { numbers: begun.map(({ number }) => number), undo };
}
