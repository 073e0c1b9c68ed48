// A conversation between two command lines that any of the two programs can play. Whoever takes part, both sides must
// print the same and end with the same code.

import { expect } from "vitest";
import { ipcUrl, tcpUrl } from "./addresses.js";
import { type Ended, start } from "./child.js";
import { nngcat, sprocket, type Tool } from "./tools.js";

export interface Scene {
  readonly title: string;
  readonly listener: readonly string[];
  /** One after the other, each when the one before has ended; over the routes in turn. */
  readonly dialers: readonly (readonly string[])[];
  readonly input?: Uint8Array;
  /** Where they meet, and what each side needs there besides. Without it: ipc and tcp. */
  readonly routes?: Routes;
  /** The listener would go on for ever: it is stopped once it has printed this and the dialers have ended. */
  readonly until?: string;
}

interface Routes {
  readonly urls: readonly (() => string | Promise<string>)[];
  readonly listen: readonly string[];
  readonly dial: readonly string[];
}

const plainRoutes: Routes = { urls: [ipcUrl, tcpUrl], listen: [], dial: [] };

/**
 * nngcat with nngcat shows how it goes; `sprocket cat` must go the same way with nngcat in both roles. Then it also does
 * with itself.
 */
export async function expectSameOutcome(scene: Scene): Promise<void> {
  const reference = play(scene, nngcat, nngcat);
  const others = [[sprocket, nngcat] as const, [nngcat, sprocket] as const].map(
    async ([listening, dialing]) => {
      const outcome = await play(scene, listening, dialing);
      const title = `${listening.name} listens, ${dialing.name} dials`;
      expect({ title, ...outcome }).toEqual({ title, ...(await reference) });
    },
  );
  await Promise.all([reference, ...others]);
}

interface Outcome {
  readonly listener: Report;
  readonly dialers: readonly Report[];
}

interface Report {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function play(scene: Scene, listening: Tool, dialing: Tool): Promise<Outcome> {
  const { routes = plainRoutes } = scene;
  const urls = await Promise.all(routes.urls.map((freshUrl) => freshUrl()));
  // Urls differ from run to run.
  const masked = (text: string): string => urls.reduce((rest, url) => rest.replaceAll(url, "<url>"), text);
  const report = ({ code, signal, stdout, stderr }: Ended): Report => ({
    code,
    signal,
    stdout: masked(stdout.toString("latin1")),
    stderr: masked(stderr),
  });
  const listener = start(listening, [
    "--verbose",
    ...urls.flatMap((url) => ["--listen", url]),
    ...routes.listen,
    ...scene.listener,
  ]);
  for (const url of urls) {
    await listener.heard(`Listening at: ${url}\n`);
  }
  const dialers: Report[] = [];
  for (const [index, dialer] of scene.dialers.entries()) {
    const url = urls[index % urls.length] as string;
    dialers.push(
      report(await start(dialing, ["--dial", url, ...routes.dial, ...dialer], scene.input).ended()),
    );
  }
  if (scene.until !== undefined) {
    await listener.heard(scene.until);
    listener.signal("SIGTERM");
  }
  return { listener: report(await listener.ended()), dialers };
}
