// The protocols that `sprocket cat` knows, one row each: what the command line may ask of the protocol, which
// conversation it holds, and how its socket is made.

import { Bus0 } from "@sprocket/bus";
import { Pair0, Pair1 } from "@sprocket/pair";
import { Pull0, Push0 } from "@sprocket/pipeline";
import { Pub0, Sub0 } from "@sprocket/pubsub";
import { Rep0, Req0 } from "@sprocket/reqrep";
import { Respondent0, Surveyor0 } from "@sprocket/survey";
import type { CatSocket, CatSocketOptions, OpenSocket } from "./cat-socket.js";
import type { Peer, Receives, Sends } from "./conversation.js";

interface Row<Role, Verbs> {
  readonly name: string;
  readonly role: Role;
  /** Is it an error to give neither `--data` nor `--file`? */
  readonly needsData: boolean;
  /** False where `--compat` is an error, because nanocat had no such protocol. */
  readonly compat: boolean;
  readonly open: OpenSocket<CatSocket & Verbs>;
}

/**
 * The role is what happens once the addresses are up.
 *
 * - `ask`: send, then receive until the protocol says that no more can come, once for each interval
 * - `talk`: the same where the protocol never says so; without data only receive
 * - `answer`: receive, then send, for each message; without data only receive
 * - `send`, `receive`: one direction
 */
export type ProtocolRow =
  | Row<"ask" | "talk" | "answer", Peer>
  | Row<"send", Sends>
  | Row<"receive", Receives>;

export const protocols = [
  { name: "req0", role: "ask", needsData: true, compat: true, open: (options) => new Req0(options) },
  { name: "rep0", role: "answer", needsData: false, compat: true, open: (options) => new Rep0(options) },
  { name: "pub0", role: "send", needsData: true, compat: true, open: (options) => new Pub0(options) },
  { name: "sub0", role: "receive", needsData: false, compat: true, open: openSub0 },
  { name: "push0", role: "send", needsData: true, compat: true, open: (options) => new Push0(options) },
  { name: "pull0", role: "receive", needsData: false, compat: true, open: (options) => new Pull0(options) },
  {
    name: "surveyor0",
    role: "ask",
    needsData: true,
    compat: true,
    open: (options) => new Surveyor0(options),
  },
  {
    name: "respondent0",
    role: "answer",
    needsData: false,
    compat: true,
    open: (options) => new Respondent0(options),
  },
  { name: "pair0", role: "talk", needsData: false, compat: true, open: (options) => new Pair0(options) },
  { name: "pair1", role: "talk", needsData: false, compat: false, open: (options) => new Pair1(options) },
  { name: "bus0", role: "talk", needsData: false, compat: true, open: (options) => new Bus0(options) },
] as const satisfies readonly ProtocolRow[];

/** Who names no topic wants everything. */
function openSub0(options: CatSocketOptions, topics: readonly Uint8Array[]): Sub0 {
  return new Sub0({ ...options, topics: topics.length === 0 ? "" : topics });
}

export type ProtocolName = (typeof protocols)[number]["name"];

export function isProtocolName(name: string): name is ProtocolName {
  return protocols.some((row) => row.name === name);
}

export function protocolRow(name: ProtocolName): ProtocolRow {
  return protocols.find((row) => row.name === name) as ProtocolRow;
}
