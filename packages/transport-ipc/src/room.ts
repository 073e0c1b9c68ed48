/**
 * A private folder beside a socket's future name, and paths into folders whose own path is too long for a socket address.
 *
 * The rule it guards: what is made in a room can be reached by its owner only, and nothing of a room is left behind.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmdirSync, symlinkSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { longestPath } from "./path.js";

/** A folder of mode 0700 that will hold one socket, under a name that nobody can guess. */
export class Room {
  /** The name of the socket in the folder. */
  readonly entry = randomBytes(4).toString("hex");
  /** Changes when the folder is renamed. */
  folder: string;

  /** Beside the target, because a hard link cannot leave its file system. */
  constructor(parent: string) {
    this.folder = mkdtempSync(join(parent, ".sprocket-"));
  }

  get socket(): string {
    return join(this.folder, this.entry);
  }

  remove(): void {
    quietly(() => unlinkSync(this.socket));
    quietly(() => rmdirSync(this.folder));
  }
}

/**
 * Calls `use` with a path to an entry of a folder that fits into a socket address. A long one leads through a symbolic
 * link in a folder of mode 0700 in the system's place for temporary files, which is gone when the promise settles.
 */
export async function withShortPath<Result>(
  folder: string,
  entry: string,
  use: (path: string) => Promise<Result>,
): Promise<Result> {
  const path = join(folder, entry);
  if (Buffer.byteLength(path) <= longestPath(process.platform)) return use(path);
  const detour = mkdtempSync(join(shortFolder(), "sprocket-"));
  const link = join(detour, "f");
  try {
    symlinkSync(folder, link);
    return await use(join(link, entry));
  } finally {
    quietly(() => unlinkSync(link));
    quietly(() => rmdirSync(detour));
  }
}

/** `TMPDIR` may be as long as any path; `/tmp` never is. */
function shortFolder(): string {
  const folder = tmpdir();
  return Buffer.byteLength(folder) <= 60 ? folder : "/tmp";
}

/** Already gone, or beyond our reach: there is nothing more to be done about it. */
function quietly(action: () => void): void {
  try {
    action();
  } catch {}
}
