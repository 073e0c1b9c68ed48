/**
 * A Node that knows exact abstract names: this one, the one in `SPROCKET_NODE22`, or (in CI only, it is a large download)
 * the one from the package registry.
 */
import { execFileSync } from "node:child_process";

const FIRST = 22;

export const currentIsModern = Number.parseInt(process.versions.node, 10) >= FIRST;

/** Where it is; undefined if there is none. */
export function modernNode(): string | undefined {
  if (currentIsModern) return process.execPath;
  if (process.env.SPROCKET_NODE22) return process.env.SPROCKET_NODE22;
  if (!process.env.CI) return undefined;
  try {
    return execFileSync("npx", ["--yes", `--package=node@${FIRST}`, "--", "node", "-p", "process.execPath"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 120_000,
    }).trim();
  } catch {
    return undefined;
  }
}
