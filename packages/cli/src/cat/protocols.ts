// The protocols that `sprocket cat` knows, one row each: what the command line may ask of the protocol, which
// conversation it holds, and how its socket is made. A row without `open` is known, is checked like the others, and ends
// with a clear error until there is a package for it.

import { Pair0, Pair1 } from "@sprocket/pair";
import { Rep0, Req0 } from "@sprocket/reqrep";
import type { CatSocket, OpenSocket } from "./cat-socket.js";
import type { Peer, Receives, Sends } from "./conversation.js";

interface Row<Role, Verbs> {
  readonly name: string;
  readonly role: Role;
  /** Is it an error to give neither `--data` nor `--file`? */
  readonly needsData: boolean;
  /** False where `--compat` is an error, because nanocat had no such protocol. */
  readonly compat: boolean;
  readonly open?: OpenSocket<CatSocket & Verbs>;
}

/**
 * The role is what happens once the addresses are up.
 *
 * - `ask`: send, then receive, once for each interval; without data only receive
 * - `answer`: receive, then send, for each message; without data only receive
 * - `send`, `receive`: one direction
 */
export type ProtocolRow = Row<"ask" | "answer", Peer> | Row<"send", Sends> | Row<"receive", Receives>;

export const protocols = [
  { name: "req0", role: "ask", needsData: true, compat: true, open: (options) => new Req0(options) },
  { name: "rep0", role: "answer", needsData: false, compat: true, open: (options) => new Rep0(options) },
  { name: "pub0", role: "send", needsData: true, compat: true },
  { name: "sub0", role: "receive", needsData: false, compat: true },
  { name: "push0", role: "send", needsData: true, compat: true },
  { name: "pull0", role: "receive", needsData: false, compat: true },
  { name: "surveyor0", role: "ask", needsData: true, compat: true },
  { name: "respondent0", role: "answer", needsData: false, compat: true },
  { name: "pair0", role: "ask", needsData: false, compat: true, open: (options) => new Pair0(options) },
  { name: "pair1", role: "ask", needsData: false, compat: false, open: (options) => new Pair1(options) },
  { name: "bus0", role: "ask", needsData: false, compat: true },
] as const satisfies readonly ProtocolRow[];

export type ProtocolName = (typeof protocols)[number]["name"];

export function isProtocolName(name: string): name is ProtocolName {
  return protocols.some((row) => row.name === name);
}

export function protocolRow(name: ProtocolName): ProtocolRow {
  return protocols.find((row) => row.name === name) as ProtocolRow;
}
