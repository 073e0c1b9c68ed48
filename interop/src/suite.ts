/**
 * Tests against a peer: each gets a `scene` that cleans up after it, and none runs where the peer is missing.
 */
import { basename } from "node:path";
import { describe, test as plain } from "vitest";
import type { Route } from "./addresses.js";
import { type Found, installLine, type Library, peerProgram } from "./requirements.js";
import { Scene } from "./scene.js";

export const test = plain.extend<{ scene: Scene }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixture's needs from this pattern.
  scene: async ({}, use) => {
    const scene = new Scene();
    try {
      await use(scene);
    } finally {
      await scene.end();
    }
  },
});

/** Runs `body` with the program's path, or leaves one skipped (or failed, when peers are required) test that says why. */
export function withProgram(title: string, found: Found, body: (file: string) => void): void {
  if ("file" in found) {
    describe(title, () => body(found.file));
    return;
  }
  const name = `${title}: ${found.missing} is missing, run: ${installLine}`;
  if (process.env.SPROCKET_REQUIRE_PEERS === "1") {
    plain(name, () => {
      throw new Error(name);
    });
  } else {
    plain.skip(`SKIPPED ${name}`, () => {});
  }
}

/**
 * nng 1.5.2 may give up an ipc dialer for good when its connection closes at a bad moment, and then nobody can bring it
 * back: what such a dialer does after our restart proves nothing about us.
 */
export function dialerMayEnd(route: Route, file: string): boolean {
  return route === "ipc" && basename(file).startsWith("nng");
}

/** The same for our peer programs on the libraries named. */
export async function withPeers(
  libraries: readonly Library[],
  body: (file: string, library: Library) => void,
): Promise<void> {
  for (const library of libraries) {
    withProgram(`with ${library}`, await peerProgram(library), (file) => body(file, library));
  }
}

/** For tests in which peers of both make take part. */
export async function withBothPeers(body: (files: Readonly<Record<Library, string>>) => void): Promise<void> {
  const found = { nng: await peerProgram("nng"), nanomsg: await peerProgram("nanomsg") };
  withProgram("with nng", found.nng, (nng) => {
    withProgram("and nanomsg", found.nanomsg, (nanomsg) => body({ nng, nanomsg }));
  });
}
