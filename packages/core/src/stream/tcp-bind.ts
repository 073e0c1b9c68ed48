/**
 * Which of the addresses that a URL stands for is bound: names resolved, both families considered, the first one that
 * this machine has. What resolves and what binds is handed in: nothing of Node is imported.
 *
 * The rule it guards: whatever ends the attempt, nothing of it stays bound.
 */
import { ipFamily } from "../ip-family.js";
import { watchAbort } from "../signals.js";
import { fromSystemError } from "../system-error.js";
import type { SpUrl } from "../url.js";
import { closedError } from "./closed-error.js";
import { readTcpTarget, type TcpTarget } from "./tcp-address.js";

/** An address to bind. */
export interface BindPlace {
  readonly host: string;
  readonly ipv6Only: boolean;
}

/** `lookup` of `node:dns`. */
export type Lookup = (
  host: string,
  options: { family: number; all: true },
  callback: (error: Error | null, addresses: { address: string }[]) => void,
) => void;

/** How to resolve and to bind. */
export interface BindPlan<Server> {
  readonly url: SpUrl;
  /** Accept no IPv4 where IPv6 is bound. */
  readonly ipv6Only: boolean;
  readonly signal: AbortSignal;
  readonly lookup: Lookup;
  /** Resolves once the place is bound; rejects with the system's error. */
  bind(place: BindPlace, port: number): Promise<Server>;
}

/** Rejects as `Transport.listen` should. */
export async function bindTcp<Server extends { close(): unknown }>(plan: BindPlan<Server>): Promise<Server> {
  const { url, signal } = plan;
  const target = readTcpTarget(url, "listen");
  if (signal.aborted) throw closedError(url, "listen", signal);
  let server: Server;
  try {
    server = await bindFirst(await placesFor(target, plan), target.port, plan);
  } catch (error) {
    if (signal.aborted) throw closedError(url, "listen", signal);
    throw fromSystemError(error, { operation: "listen", url: url.href });
  }
  if (signal.aborted) {
    server.close();
    throw closedError(url, "listen", signal);
  }
  return server;
}

/** Where a target may be bound, the best first. */
async function placesFor(target: TcpTarget, plan: BindPlan<unknown>): Promise<BindPlace[]> {
  const ipv6Only = plan.ipv6Only || target.family === 6;
  if (target.host !== "") {
    const addresses = ipFamily(target.host) === 0 ? await resolve(target, plan) : [target.host];
    return addresses.map((host) => ({ host, ipv6Only }));
  }
  const ipv6 = { host: "::", ipv6Only };
  const ipv4 = { host: "0.0.0.0", ipv6Only: false };
  if (target.family === 4) return [ipv4];
  // "::" takes IPv4 too; where the system has no IPv6 at all, plain IPv4 is the same promise.
  return ipv6Only ? [ipv6] : [ipv6, ipv4];
}

function resolve({ host, family }: TcpTarget, { lookup, signal }: BindPlan<unknown>): Promise<string[]> {
  return new Promise((fulfil, reject) => {
    const watch = watchAbort(signal, { aborted: reject });
    lookup(host, { family, all: true }, (error, found) => {
      watch.cancel();
      if (error) reject(error);
      else fulfil(found.map(({ address }) => address));
    });
  });
}

/** This machine has no such address, or no such family: the next one may do. */
const absent = new Set<unknown>(["EADDRNOTAVAIL", "EAFNOSUPPORT", "EPROTONOSUPPORT"]);

async function bindFirst<Server>(places: BindPlace[], port: number, plan: BindPlan<Server>): Promise<Server> {
  let failure: unknown;
  for (const place of places) {
    try {
      return await plan.bind(place, port);
    } catch (error) {
      failure = error;
      if (!absent.has((error as { code?: unknown }).code)) break;
    }
  }
  throw failure;
}
