/**
 * A fault of nng 1.5.2 over ws and wss: about once in two thousand connections that we end, it reads our close frame, and
 * then neither answers it nor closes nor reads on. It never tells that the connection is gone, and does not dial again.
 *
 * The kernel knows: it has told nng's side of the connection that we ended ours, and nng has not closed it. Either the
 * connection is in CLOSE-WAIT, and all that is there to be read is our end; or it was reset, and is in no table any more.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

const tables = ["tcp", "tcp6", "udp", "udp6", "unix", "netlink"];

/** What the tables of tcp call CLOSE-WAIT. */
const closeWait = "08";

/** Our end alone counts as one byte; with TLS its alert comes before it. */
const endAndAlert = 64;

/** Much longer than a peer needs that does close. */
const pause = 1_000;

/** Whether the process has had such a connection for a while. Where the kernel does not tell: no. */
export async function isDeaf(pid: number): Promise<boolean> {
  const before = unheardEnds(pid);
  if (before.length === 0) return false;
  await new Promise((resolve) => setTimeout(resolve, pause));
  return unheardEnds(pid).some((connection) => before.includes(connection));
}

/** The numbers of its connections that we have ended and it has not. */
function unheardEnds(pid: number): string[] {
  try {
    const entries = tables.flatMap((table) =>
      readFileSync(`/proc/${pid}/net/${table}`, "utf8")
        .split("\n")
        .map((line) => line.trim().split(/\s+/)),
    );
    return readdirSync(`/proc/${pid}/fd`)
      .map((name) => /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${name}`))?.[1] ?? "")
      .filter((inode) => inode !== "" && entries.filter((entry) => entry.includes(inode)).every(isEnded));
  } catch {
    // It is no Linux, or the process has ended.
    return [];
  }
}

/** `<number> <local> <remote> <state> <to be sent>:<to be read> ...`, in hex. */
function isEnded([, , , state, queues = ""]: readonly string[]): boolean {
  return state === closeWait && Number.parseInt(queues.split(":")[1] ?? "", 16) <= endAndAlert;
}
