/** The C programs, built on demand: again when a source changed, not at all where compiler or headers are missing. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Program } from "./contenders.js";

// Seen from dist/.
const folder = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

const packages = { nng: "libnng-dev", nanomsg: "libnanomsg-dev", zmq: "libzmq3-dev" };

export function cProgram(library: keyof typeof packages, name: string): Program {
  const install = `apt-get install build-essential ${packages[library]}`;
  const source = folder(`c/${name}.c`);
  const digest = createHash("sha256");
  for (const part of [source, folder("c/bench.h"), folder("c/many.h")]) digest.update(readFileSync(part));
  const file = `${folder(".build")}/${name}-${digest.digest("hex").slice(0, 16)}`;
  if (existsSync(file)) return { command: [file], install };

  mkdirSync(folder(".build"), { recursive: true });
  try {
    execFileSync("cc", ["-O2", "-D_GNU_SOURCE", "-pthread", "-o", file, source, `-l${library}`], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    return { command: [file], install };
  } catch (error) {
    const output = String((error as { stderr?: unknown }).stderr ?? error);
    // A missing compiler or header is a peer that is not here; anything else is our mistake.
    if (/No such file|ENOENT|cannot find -l/.test(output)) return { command: undefined, install };
    throw error;
  }
}
