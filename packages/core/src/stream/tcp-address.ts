/**
 * Where a tcp or tls+tcp URL points, and how an address of the system reads as a URL.
 *
 * The rule it guards: a URL that can never work in its role is refused before anything is opened.
 */
import { parseAuthority, type SpUrl } from "../url.js";
import type { StreamMemory } from "./byte-stream.js";
import type { StreamFacts } from "./node-socket.js";

/** What such a URL asks for. */
export interface TcpTarget {
  /** A name, or an IP address without brackets; "" for all interfaces. */
  readonly host: string;
  /** 0: the system chooses. */
  readonly port: number;
  /** The one family that the scheme allows; 0: both. */
  readonly family: 0 | 4 | 6;
}

/** @throws AddressInvalidError, InvalidOperationError */
export function readTcpTarget(url: SpUrl, role: "dial" | "listen"): TcpTarget {
  const { host, port } = parseAuthority(url, role);
  return { host, port, family: url.scheme.endsWith("4") ? 4 : url.scheme.endsWith("6") ? 6 : 0 };
}

/** The part of `net.Socket` that says where its ends are. Missing when the peer had gone before we could ask. */
export interface SocketAddresses {
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/** One end of a connection, as the system says it. Missing when the peer had gone before we could ask. */
export interface TcpEnd {
  readonly address: string | undefined;
  readonly port: number | undefined;
}

/**
 * Both ends of a connection, for `fromNodeSocket`; put into words only when somebody asks, as few ever do.
 *
 * @param known What need not be asked of the system: each question is a call of it, and an object that Node keeps.
 */
export class TcpFacts implements StreamFacts {
  readonly memory: StreamMemory | undefined;
  readonly #scheme: string;
  readonly #localAddress: string | undefined;
  readonly #localPort: number | undefined;
  readonly #remoteAddress: string | undefined;
  readonly #remotePort: number | undefined;

  constructor(
    scheme: string,
    socket: SocketAddresses,
    memory: StreamMemory | undefined,
    known: { readonly local?: TcpEnd | undefined; readonly remote?: TcpEnd | undefined },
  ) {
    const { local, remote } = known;
    this.memory = memory;
    this.#scheme = scheme;
    this.#localAddress = local === undefined ? socket.localAddress : local.address;
    this.#localPort = local === undefined ? socket.localPort : local.port;
    this.#remoteAddress = remote === undefined ? socket.remoteAddress : remote.address;
    this.#remotePort = remote === undefined ? socket.remotePort : remote.port;
  }

  get local(): string {
    return formatTcpAddress(this.#scheme, this.#localAddress, this.#localPort);
  }

  get remote(): string {
    return formatTcpAddress(this.#scheme, this.#remoteAddress, this.#remotePort);
  }
}

/** Both ends of a socket as URLs. */
export function tcpEnds(scheme: string, socket: SocketAddresses): { local: string; remote: string } {
  return {
    local: formatTcpAddress(scheme, socket.localAddress, socket.localPort),
    remote: formatTcpAddress(scheme, socket.remoteAddress, socket.remotePort),
  };
}

/** An address of the system as a URL: IPv6 in brackets, an IPv4 peer of an IPv6 socket as what it is. */
export function formatTcpAddress(
  scheme: string,
  address: string | undefined,
  port: number | undefined,
): string {
  if (address === undefined) return `${scheme}://unknown`;
  const plain = /^::ffff:\d+\./i.test(address) ? address.slice(7) : address;
  return `${scheme}://${plain.includes(":") ? `[${plain}]` : plain}:${port ?? 0}`;
}

/** The URL with the port that the system chose; the host stays as it was written. */
export function withTcpPort(url: SpUrl, port: number): string {
  // The colon of a port stands behind the bracket of an IPv6 address.
  const host = /^(?:\[[^\]]*\]|[^:/]*)/.exec(url.rest)?.[0] ?? "";
  return `${url.scheme}://${host}:${port}`;
}
