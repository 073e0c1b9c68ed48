/** The ways in which sockets of ours and peers meet, and which of them a library has. */
import { ipc } from "@sprocket/transport-ipc";
import { tcp } from "@sprocket/transport-tcp";
import { type TlsOptions, tls } from "@sprocket/transport-tls";
import { ws } from "@sprocket/transport-ws";
import type { Route } from "./addresses.js";
import { type Pki, pem, pki } from "./pki.js";
import type { Library } from "./requirements.js";

/** Who we are in every test that is not about that: each side has a certificate, and trusts the authority of the other. */
const credentials: TlsOptions =
  pki === undefined ? {} : { ca: pem(pki.ca), cert: pem(pki.server.cert), key: pem(pki.server.key) };

/** All that the routes need. */
export const transports = [tcp(), ipc(), tls(credentials), ws({ tls: credentials })];

const secure: readonly Route[] = ["tls+tcp", "wss"];

const routes: Readonly<Record<Library, readonly Route[]>> = {
  nng: ["tcp", "ipc", "tls+tcp", "ws", "wss"],
  // It has no TLS.
  nanomsg: ["tcp", "ipc", "ws"],
};

/** Those that each of the libraries has. */
export function routesOf(...libraries: Library[]): readonly Route[] {
  const [first = "nng", ...others] = libraries;
  const common = routes[first].filter((route) => others.every((library) => routes[library].includes(route)));
  return pki === undefined ? common.filter((route) => !secure.includes(route)) : common;
}

/** For tests of one secure route, which run only where `routesOf` has it. */
export function certificates(): Pki {
  if (pki === undefined) throw new Error("there is no openssl");
  return pki;
}

/** How a socket and a peer meet. */
export interface Meeting {
  readonly route: Route;
  readonly side: Side;
}

/** Who listens: we or the peer. */
export type Side = "we listen" | "we dial";

export function meetingsWith(library: Library): readonly Meeting[] {
  return routesOf(library).flatMap((route) =>
    (["we listen", "we dial"] as const).map((side) => ({ route, side })),
  );
}
