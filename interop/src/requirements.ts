/**
 * What the tests need from the system, and what happens without it: the tests are skipped under a name that says what to
 * install, or fail when `SPROCKET_REQUIRE_PEERS=1` says that this machine must have it.
 */
import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const installLine =
  "apt-get install nng-utils libnng-dev nanomsg-utils libnanomsg-dev openssl build-essential";

export type Library = "nng" | "nanomsg";

/** A program that can be started, or why there is none. */
export type Found = { readonly file: string } | { readonly missing: string };

const folder = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** Our peer on a library: built when its source is newer than what was built before. */
export async function peerProgram(library: Library): Promise<Found> {
  const source = `${folder("peers")}/${library}-peer.c`;
  const shared = `${folder("peers")}/peer.h`;
  const digest = createHash("sha256").update(readFileSync(source)).update(readFileSync(shared)).digest("hex");
  const file = `${folder(".build")}/${library}-peer-${digest.slice(0, 16)}`;
  if (exists(file)) return { file };

  mkdirSync(folder(".build"), { recursive: true });
  // Test files start at the same time in several processes: each builds its own copy, the last rename wins.
  const own = `${file}.${process.pid}`;
  const flags = ["-O2", "-Wall", "-Wextra", "-D_GNU_SOURCE", "-pthread"];
  try {
    await promisify(execFile)("cc", [...flags, "-o", own, source, `-l${library}`]);
    renameSync(own, file);
    return { file };
  } catch (error) {
    rmSync(own, { force: true });
    const missing = missingFor(library);
    if (missing === undefined) throw error;
    return { missing };
  }
}

/** A tool of a library's own, such as `nngcat`. */
export function tool(name: string): Found {
  for (const path of (process.env.PATH ?? "").split(":")) {
    if (exists(`${path}/${name}`)) return { file: `${path}/${name}` };
  }
  return { missing: name };
}

/** What a failed build lacked; undefined: nothing, the source is wrong. */
function missingFor(library: Library): string | undefined {
  if (!("file" in tool("cc"))) return "a C compiler";
  const header = library === "nng" ? "nng/nng.h" : "nanomsg/nn.h";
  try {
    execFileSync("cc", ["-E", "-include", header, "-x", "c", "/dev/null"], { stdio: "ignore" });
    return undefined;
  } catch {
    return `the header ${header}`;
  }
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
