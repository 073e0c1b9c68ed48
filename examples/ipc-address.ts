/**
 * An ipc address that no other program uses. A socket file needs a folder, so it gets one of its own, which is removed
 * when the example ends; on Windows the address is the name of a pipe.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface IpcAddress extends AsyncDisposable {
  readonly url: string;
}

export async function ipcAddress(): Promise<IpcAddress> {
  const folder = await mkdtemp(join(tmpdir(), "sprocket-example-"));
  return {
    url: process.platform === "win32" ? `ipc://sprocket-example-${process.pid}` : `ipc://${folder}/socket`,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
