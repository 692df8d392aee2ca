/** One delivery of a webhook: what arrived, and what a provider's scheme does with it. */
import { AppError } from "../../contracts/error.ts";
import type { WebhookTrigger } from "../../contracts/trigger.ts";

/** What arrived, before anything is believed. */
export interface Delivery {
  /** The value of a header, by its name in lower case. */
  header(name: string): string | undefined;
  /** The value of a query parameter. */
  query(name: string): string | undefined;
  /** As it came over the wire; signatures are over these bytes. */
  body: Uint8Array;
  /** Milliseconds since 1970. */
  receivedAt: number;
}

/** What a genuine delivery says of itself. */
export interface Facts {
  event?: string | undefined;
  /** What the provider tells its deliveries apart by. */
  id?: string | undefined;
  /** What the sender waits for instead of a run, as JSON. */
  reply?: unknown;
}

/** The part of a trigger that a scheme needs. */
export type Settings = Pick<
  WebhookTrigger,
  "toleranceSeconds" | "signature" | "token" | "eventHeader" | "deliveryHeader"
>;

/** How a provider proves that a delivery is its own. */
export interface Scheme {
  /**
   * @param secrets Each of them is good.
   * @returns the timestamp that the signature covers, as it was sent
   * @throws {AppError} `unauthenticated`
   */
  verify(
    delivery: Delivery,
    secrets: readonly string[],
    settings: Settings,
  ): string | undefined;
  /** @param body Of a verified delivery, decoded as its type says. */
  facts(delivery: Delivery, body: unknown, settings: Settings): Facts;
}

/** The value of a header that must be there. @throws {AppError} `unauthenticated` */
export function needHeader(delivery: Delivery, name: string): string {
  const value = delivery.header(name);
  if (value !== undefined && value !== "") return value;
  throw refused(`it has no ${name}`, "Is the sender set up with the secret?");
}

/** @throws {AppError} `unauthenticated` unless `isProven` */
export function needProof(isProven: boolean): void {
  if (isProven) return;
  throw refused(
    "its signature does not match",
    "Compare the secrets on both sides; the body must arrive as it was signed",
  );
}

/**
 * @param timestamp Seconds since 1970, or milliseconds in 13 digits.
 * @throws {AppError} `unauthenticated` when it is too far from now
 */
export function needFresh(
  timestamp: string,
  { receivedAt }: Delivery,
  { toleranceSeconds }: Settings,
): void {
  const seconds = /^\d{1,11}$/.test(timestamp)
    ? Number(timestamp)
    : /^\d{13}$/.test(timestamp)
    ? Number(timestamp) / 1_000
    : NaN;
  if (Math.abs(receivedAt / 1_000 - seconds) <= toleranceSeconds) return;
  throw refused(
    `its timestamp is not within ${toleranceSeconds} s of now`,
    "Compare the clocks; a delivery that is sent again needs a new signature",
  );
}

function refused(why: string, hint: string): AppError {
  return new AppError("unauthenticated", `Cannot take the delivery: ${why}`, {
    hint,
  });
}

/** A field of what may be an object. */
export function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/** A field that is text. */
export function textField(value: unknown, name: string): string | undefined {
  const found = field(value, name);
  return typeof found === "string" ? found : undefined;
}
