/**
 * Who stands at a path where we want to listen.
 *
 * The rule it guards: only a socket file of our own at which connecting is refused counts as dead, and only the dead may
 * be removed. An ordinary file, a directory, a symbolic link or a socket of another user is somebody's property.
 */
import { type BigIntStats, lstatSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { withShortPath } from "./room.js";

export type Verdict =
  | { readonly state: "gone" }
  | { readonly state: "live" }
  | { readonly state: "dead"; readonly stats: BigIntStats }
  | { readonly state: "foreign"; readonly what: string };

export async function judge(folder: string, entry: string): Promise<Verdict> {
  const stats = lookAt(join(folder, entry));
  if (stats === undefined) return { state: "gone" };
  if (!stats.isSocket()) return { state: "foreign", what: kindOf(stats) };
  const state = await withShortPath(folder, entry, knock);
  if (state !== "dead") return { state };
  // Root may clean up after anybody.
  const user = process.geteuid?.() ?? 0;
  if (user !== 0 && stats.uid !== BigInt(user)) {
    return { state: "foreign", what: `a dead socket of another user (uid ${stats.uid})` };
  }
  return { state, stats };
}

/** Is it still the file that was judged? The time tells it from a new file that was given the same inode. */
export function isUnchanged(path: string, judged: BigIntStats): boolean {
  const stats = lookAt(path);
  return stats !== undefined && isSame(stats, judged) && stats.ctimeNs === judged.ctimeNs;
}

export function isSame(one: BigIntStats, other: BigIntStats): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}

/** The facts of the thing itself, never of what a link leads to; `undefined` where there is nothing. */
export function lookAt(path: string): BigIntStats | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false });
}

/** Does anybody answer at a socket file? */
function knock(path: string): Promise<"gone" | "live" | "dead"> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    socket.on("connect", () => {
      socket.destroy();
      resolve("live");
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED") resolve("dead");
      else if (error.code === "ENOENT") resolve("gone");
      // Its backlog is full, or it is no stream socket: alive all the same.
      else if (error.code === "EAGAIN" || error.code === "EPROTOTYPE") resolve("live");
      else reject(error);
    });
  });
}

function kindOf(stats: BigIntStats): string {
  if (stats.isSymbolicLink()) return "a symbolic link";
  if (stats.isDirectory()) return "a directory";
  return stats.isFile() ? "an ordinary file" : "a special file";
}
