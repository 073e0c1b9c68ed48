/**
 * Tests against a peer: each gets a `scene` that cleans up after it, and none runs where the peer is missing.
 */
import { basename } from "node:path";
import { describe, test as plain } from "vitest";
import type { Route } from "./addresses.js";
import { pki } from "./pki.js";
import { type Found, installLine, type Library, peerProgram, tool } from "./requirements.js";
import { Scene } from "./scene.js";

type Body = (context: { scene: Scene }) => Promise<void>;

/** How long one attempt may take, and how many there may be. */
const [deadline, attempts] = [30_000, 3];

/**
 * A test that has failed begins again, with new sockets and new peers, when a peer of it is proven to have gone deaf: only
 * then. Its failure shows in the log all the same.
 */
export function test(title: string, body: Body): void {
  plain(title, { timeout: (attempts + 1) * deadline }, async () => {
    for (let attempt = 1; ; attempt++) {
      const scene = new Scene();
      try {
        await inTime(body({ scene }));
        return;
      } catch (error) {
        const deaf = await scene.deafPeer();
        if (deaf === undefined || attempt === attempts) throw error;
        console.warn(`"${title}" begins again: "${deaf}" did not hear the end of a connection. ${error}`);
      } finally {
        await scene.end();
      }
    }
  });
}

test.skip = plain.skip;

async function inTime(done: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The test took longer than ${deadline} ms.`)), deadline);
  });
  try {
    await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}

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
export function testOfReturn(route: Route, file: string, title: string, body: Body): void {
  const why = whyDialerEnds(route, file);
  if (why === undefined) test(title, body);
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
