/**
 * Tests against a peer: each gets a `scene` that cleans up after it, and none runs where the peer is missing.
 */
import { basename } from "node:path";
import { describe, test as plain } from "vitest";
import type { Route } from "./addresses.js";
import { pki } from "./pki.js";
import { type Found, installLine, type Library, peerProgram, tool } from "./requirements.js";
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
 * A test in which a dialer of the peer must come back after we closed its connection. Two do not, and nobody can bring
 * them back: what they do proves nothing about us.
 */
export function testOfReturn(
  route: Route,
  file: string,
  title: string,
  body: (context: { scene: Scene }) => Promise<void>,
): void {
  const why = whyDialerEnds(route, file);
  // Seen through to the fixture: vitest wants its name in the parameter.
  if (why === undefined) test(title, ({ scene }) => body({ scene }));
  else test.skip(`${title} (SKIPPED: ${why})`, () => {});
}

function whyDialerEnds(route: Route, file: string): string | undefined {
  const nng = basename(file).startsWith("nng");
  if (nng && route === "ipc")
    return "nng 1.5.2 may give up an ipc dialer whose connection closes at a bad moment";
  if (!nng && route === "ws") return "a ws dialer of nanomsg 1.1.5 ends for good at a close frame";
  return undefined;
}

/**
 * A dialer of nanomsg, or of nng 1.5.2 with TLS, that was refused right after its handshake may never dial again: a new
 * one has to come in its place.
 */
export function refusedDialerMayEnd(route: Route, library: Library): boolean {
  return library === "nanomsg" || route === "tls+tcp" || route === "wss";
}

/** As `withProgram`, for our peer programs on the libraries named. */
export async function withPeers(
  libraries: readonly Library[],
  body: (file: string, library: Library) => void,
): Promise<void> {
  if (pki === undefined && libraries.includes("nng")) withProgram("with TLS", tool("openssl"), () => {});
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
