/** A delivery on its way from its proof to its run. */
import type { CloudRequest } from "../src/contracts/cloud.ts";
import type { WebhookTrigger } from "../src/contracts/trigger.ts";
import type { Genuine } from "../src/trigger/webhook/receive.ts";
import type { GatewayDeps } from "./env.ts";

export type HookDeps = Pick<
  GatewayDeps,
  | "registry"
  | "triggers"
  | "runtime"
  | "async"
  | "deliveries"
  | "sealer"
  | "limits"
  | "events"
>;

/** A delivery that was proven and is wanted. */
export interface WantedDelivery {
  trigger: WebhookTrigger;
  genuine: Genuine;
  request: CloudRequest;
  traceparent: string | undefined;
}
