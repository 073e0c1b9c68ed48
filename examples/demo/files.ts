/**
 * The files to send: everything below a folder, but for what tools put there.
 */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

const LEFT_OUT = new Set(["node_modules", "dist", ".git", ".turbo", ".build", "coverage"]);

export interface File {
  readonly path: string;
  readonly size: number;
}

export async function filesBelow(folder: string): Promise<File[]> {
  const found: File[] = [];
  const folders = [folder];
  for (let current = folders.pop(); current !== undefined; current = folders.pop()) {
    for (const entry of await readdir(current, { withFileTypes: true })) {
      const path = join(current, entry.name);
      if (entry.isDirectory() && !LEFT_OUT.has(entry.name)) folders.push(path);
      else if (entry.isFile()) found.push({ path, size: (await stat(path)).size });
    }
  }
  return found.sort((one, other) => (one.path < other.path ? -1 : 1));
}
