/** A shared token in a header, in Authorization or in the query. */
import type { CloudRequest } from "../../contracts/cloud.ts";
import type { TokenPlace } from "../../contracts/webhook.ts";
import {
  type Delivery,
  needProof,
  type Scheme,
  type Settings,
} from "./delivery.ts";
import { headerFacts } from "./generic.ts";
import { oneSecretIs } from "./hmac.ts";

export const token: Scheme = {
  verify(delivery, secrets, { token }) {
    const given = presented(delivery, placeOf(token));
    needProof(given !== undefined && oneSecretIs(given, secrets));
    return undefined;
  },

  facts: headerFacts,
};

/** The token is the trigger's secret: it is not for the function to see. */
export function withoutToken(
  request: CloudRequest,
  { token }: Pick<Settings, "token">,
): CloudRequest {
  const place = placeOf(token);
  if (place.in === "query") {
    const { [place.name]: _one, ...query } = request.query;
    const { [place.name]: _all, ...queryAll } = request.queryAll ?? {};
    return { ...request, query, queryAll };
  }
  const { [place.name]: _, ...headers } = request.headers;
  return { ...request, headers };
}

interface Place {
  in: TokenPlace["in"];
  name: string;
}

function placeOf(token: TokenPlace | undefined): Place {
  if (token?.in === "authorization") {
    return { in: "authorization", name: "authorization" };
  }
  if (token?.in === "query") {
    return { in: "query", name: token.name ?? "token" };
  }
  return { in: "header", name: (token?.name ?? "x-token").toLowerCase() };
}

function presented(
  { header, query }: Delivery,
  place: Place,
): string | undefined {
  if (place.in === "query") return query(place.name);
  const value = header(place.name);
  return place.in === "header"
    ? value
    : /^Bearer +([\x21-\x7e]+) *$/i.exec(value ?? "")?.[1];
}
