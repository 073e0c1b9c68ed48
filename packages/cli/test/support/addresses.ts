// Fresh addresses: a socket file in a folder of its own, or a tcp port at which nobody listens. nngcat can bind port 0
// as well, but a test that starts the dialer first needs the number before.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../../../scripts/free-port.js";

const folders: string[] = [];

export function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sprocket-cat-"));
  folders.push(folder);
  return folder;
}

/** For `afterAll`. */
export function removeFolders(): void {
  for (const folder of folders.splice(0)) {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function ipcUrl(): string {
  return `ipc://${join(freshFolder(), "cat.ipc")}`;
}

export async function tcpUrl(): Promise<string> {
  return `tcp://127.0.0.1:${await freePort()}`;
}
