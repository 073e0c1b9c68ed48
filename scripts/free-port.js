// Ports for tests in which somebody listens, goes, and listens again at the same address, and for programs that cannot
// listen on port 0 and say which one they got.
//
// A port that the system chose is nobody's again as soon as its listener goes: any connection that starts on this machine
// may get it for its own end, even that of the dialer which waits there for the listener, and which then reaches itself.
// So these lie below the range from which the system chooses. Each process has a stretch of them for itself, as long as
// it lives, so that test files that run at the same time cannot meet.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";

const stretch = 100;

/** The system's own range begins at 32768 (Linux) or at 49152 (all others), unless somebody has moved it. */
function stretches() {
  const [lowest, usual] = [15_000, 31_000];
  let chosen = usual;
  try {
    chosen = Number.parseInt(readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8"), 10);
  } catch {
    // Not Linux.
  }
  // Where the system chooses from everywhere, there is no better place.
  const end = chosen >= lowest + stretch ? Math.min(chosen, usual) : usual;
  return Array.from({ length: Math.floor((end - lowest) / stretch) }, (_, at) => lowest + at * stretch);
}

/** A server on that port of every interface; undefined: somebody else has it. */
async function bind(port) {
  const server = createServer().unref().listen(port);
  return once(server, "listening").then(
    () => server,
    () => undefined,
  );
}

/** Claims a stretch by its first port, before the importing test can count handles. */
async function claim() {
  const places = stretches();
  const start = Math.floor(Math.random() * places.length);
  for (let tries = 0; tries < places.length; tries++) {
    const place = places[(start + tries) % places.length];
    if (await bind(place)) return place;
  }
  throw new Error("there is no free stretch of ports");
}

const first = await claim();
let last = first;

/** The next port of ours at which nobody listens. */
export async function freePort() {
  for (let tries = 1; tries < stretch; tries++) {
    last = last + 1 < first + stretch ? last + 1 : first + 1;
    const port = last;
    const server = await bind(port);
    if (server === undefined) continue;
    server.close();
    await once(server, "close");
    return port;
  }
  throw new Error("there is no free port");
}
