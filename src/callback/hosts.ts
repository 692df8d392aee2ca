/** The hosts that an operator lets outcomes be sent to. */
import { AppError } from "../contracts/error.ts";

/** One of the list: `example.com`, `*.example.com`, either with a port. */
export interface AllowedHost {
  /** Without `*.`, in lower case. */
  name: string;
  withSubdomains: boolean;
  /** Undefined: the port of the scheme. */
  port: number | undefined;
}

const HOST =
  /^(\*\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/;

/** Entries by commas. @throws {AppError} `invalid` */
export function parseHosts(text: string): AllowedHost[] {
  return text.split(",").map((each) => each.trim().toLowerCase())
    .filter((each) => each !== "")
    .map((each) => {
      const [, wild, name = "", port] = HOST.exec(each) ?? [];
      if (name === "" || Number(port ?? 1) > 65_535) {
        throw new AppError("invalid", `Cannot read the host "${each}"`, {
          hint: "Write example.com, *.example.com or example.com:8443",
        });
      }
      return {
        name,
        withSubdomains: wild !== undefined,
        port: port === undefined ? undefined : Number(port),
      };
    });
}

export interface Target {
  url: URL;
  /** As the URL has it, without brackets. */
  host: string;
  port: number;
  isTls: boolean;
}

const PORTS: Record<string, number> = { "https:": 443, "http:": 80 };

/**
 * What a callback's URL means, if it may be called at all.
 *
 * @throws {AppError} `invalid` when it is no such URL, `forbidden` when the
 * operator does not list its host
 */
export function allowedTarget(
  text: string,
  hosts: readonly AllowedHost[],
): Target {
  const url = URL.parse(text);
  const usual = PORTS[url?.protocol ?? ""];
  if (!url || usual === undefined || url.username || url.password) {
    throw new AppError("invalid", "Cannot call back: it is no such URL", {
      hint: "Give https://host/path, without user and password",
    });
  }
  const port = url.port === "" ? usual : Number(url.port);
  const isAllowed = hosts.some((each) =>
    (each.port ?? usual) === port && matches(url.hostname, each)
  );
  if (!isAllowed) {
    throw new AppError(
      "forbidden",
      `Cannot call back "${url.host}": the operator does not list it`,
      { hint: "Hosts are listed in OCHE_CALLBACK_HOSTS" },
    );
  }
  return {
    url,
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port,
    isTls: url.protocol === "https:",
  };
}

function matches(host: string, { name, withSubdomains }: AllowedHost): boolean {
  const given = host.toLowerCase().replace(/\.$/, "");
  return withSubdomains ? given.endsWith(`.${name}`) : given === name;
}
