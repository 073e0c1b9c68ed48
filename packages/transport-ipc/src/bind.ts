/**
 * Gives a listening socket its name in the file system.
 *
 * The rules it guards:
 * - The name never exists with other permissions than asked for: the socket is bound in a private folder, given its mode
 *   there, and then linked into place, which fails if the name is taken.
 * - Of any number of processes that want the name exactly one gets it. A dead socket is replaced under a lock, and judged
 *   again there.
 * - At the end only our own file is removed. The runtime would remove whatever stands at the path that it bound, but
 *   that was the private one, which is gone by then.
 */
import { once } from "node:events";
import { chmodSync, linkSync, readdirSync, renameSync, unlinkSync } from "node:fs";
import type { Server } from "node:net";
import { basename, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { AddressInUseError, NoEntryError, NotSupportedError } from "@sprocket/core";
import type { SpUrl } from "@sprocket/core/plugin";
import { isSame, isUnchanged, judge, lookAt } from "./judge.js";
import { Room, withShortPath } from "./room.js";

/** How long to wait for others that are about to take or to leave the name, in ms. */
const PATIENCE = 5_000;

export interface Binding {
  /** Absolute. */
  readonly path: string;
  readonly mode: number;
  readonly backlog: number;
  /** For error texts. */
  readonly url: SpUrl;
  readonly signal: AbortSignal;
}

/** Makes the server listen at a path; returns what removes the name again, to be called while the server still listens. */
export async function bindFile(server: Server, binding: Binding): Promise<() => void> {
  const room = makeRoom(binding);
  try {
    await withShortPath(room.folder, room.entry, (path) => bindName(server, path, binding.backlog));
    chmodSync(room.socket, binding.mode);
    const own = lookAt(room.socket);
    await publish(room, binding);
    return () => {
      const present = lookAt(binding.path);
      if (own !== undefined && present !== undefined && isSame(own, present)) unlinkSync(binding.path);
    };
  } catch (error) {
    server.close();
    throw error;
  } finally {
    room.remove();
  }
}

/** Makes the server listen at whatever the name means to the system. */
export async function bindName(server: Server, name: string, backlog: number): Promise<void> {
  // Ours alone, also in a cluster: a worker's listener is not silently shared with the others.
  server.listen({ path: name, backlog, exclusive: true });
  await once(server, "listening");
}

function makeRoom(binding: Binding): Room {
  const parent = dirname(binding.path);
  try {
    return new Room(parent);
  } catch (cause) {
    const code = codeOf(cause);
    if (code !== "ENOENT" && code !== "ENOTDIR") throw cause;
    throw new NoEntryError(`There is no directory ${parent}: create it before listening at ${binding.url}.`, {
      ...detailsOf(binding),
      cause,
    });
  }
}

/** Links the socket into place; a dead one makes way. */
async function publish(room: Room, binding: Binding): Promise<void> {
  const { path, signal } = binding;
  const deadline = performance.now() + PATIENCE;
  let locked = false;
  while (performance.now() < deadline) {
    signal.throwIfAborted();
    if (link(room, binding)) return;
    const verdict = await judge(dirname(path), basename(path));
    if (verdict.state === "live") throw inUse(binding, `Somebody listens at ${path} already.`);
    if (verdict.state === "foreign") throw untouched(binding, path, verdict.what);
    if (verdict.state === "gone") continue;
    if (locked) {
      if (isUnchanged(path, verdict.stats)) unlinkSync(path);
    } else {
      // Without the lock the verdict may be out of date by now: it is passed again once we have it.
      locked = await lock(room, binding);
      if (!locked) await delay(10, undefined, { signal });
    }
  }
  throw inUse(binding, `Other processes kept replacing ${path} for ${PATIENCE} ms.`);
}

/** False: the name is taken. */
function link(room: Room, binding: Binding): boolean {
  try {
    linkSync(room.socket, binding.path);
    return true;
  } catch (cause) {
    const code = codeOf(cause);
    if (code === "EEXIST") return false;
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "EOPNOTSUPP" && code !== "ENOSYS") throw cause;
    throw new NotSupportedError(
      `The file system at ${dirname(binding.path)} has no hard links, which a private socket needs: choose a path on another one.`,
      { ...detailsOf(binding), cause },
    );
  }
}

/**
 * Takes the lock under which dead sockets are removed. False: not now.
 *
 * It is our private folder, renamed: that succeeds only where there is no such folder or an empty one. The socket in it
 * tells whether its owner lives, so that no lock outlasts a process that was killed; and as the name of that socket is
 * unlike any other, removing a dead one cannot hit the lock of the next owner. Removing the room unlocks.
 */
async function lock(room: Room, binding: Binding): Promise<boolean> {
  const folder = join(dirname(binding.path), `.${basename(binding.path)}.lock`);
  try {
    renameSync(room.folder, folder);
    room.folder = folder;
    return true;
  } catch (cause) {
    const code = codeOf(cause);
    if (code === "ENOTDIR") throw untouched(binding, folder, "a file");
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw cause;
  }
  for (const entry of entriesOf(folder)) {
    const verdict = await judge(folder, entry);
    if (verdict.state === "foreign") throw untouched(binding, join(folder, entry), verdict.what);
    if (verdict.state === "dead") ignoreMissing(() => unlinkSync(join(folder, entry)));
  }
  return false;
}

function entriesOf(folder: string): string[] {
  return ignoreMissing(() => readdirSync(folder)) ?? [];
}

/** What is gone already was removed by somebody who had the same in mind. */
function ignoreMissing<Result>(action: () => Result): Result | undefined {
  try {
    return action();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

function detailsOf(binding: Binding) {
  return { url: binding.url.href, operation: "listen" };
}

function inUse(binding: Binding, text: string): AddressInUseError {
  return new AddressInUseError(text, detailsOf(binding));
}

function untouched(binding: Binding, path: string, what: string): AddressInUseError {
  return inUse(
    binding,
    `At ${path} is ${what}. It is left untouched: choose another path, or remove it yourself.`,
  );
}
