/** A rate for each client's address, whoever it is behind. */
import type { ProxyHeader, Rate, Subnet } from "../contracts/access.ts";
import { clientAddress, limitedAs } from "./client_address.ts";
import { RateLimit } from "./rate_limit.ts";

export interface AddressLimit {
  /**
   * @param socket The address at the other end of the connection.
   * @returns 0 when it is admitted, else the seconds after which it would be
   */
  take(socket: string, headers: Headers): number;
}

export function addressLimit({ rate, proxies, header }: {
  rate: Rate;
  proxies: readonly Subnet[];
  header: ProxyHeader;
}): AddressLimit {
  const limit = new RateLimit(rate);
  const addressOf = clientAddress(proxies, header);
  return {
    take: (socket, headers) =>
      limit.take(limitedAs(addressOf(socket, headers)), performance.now()),
  };
}
