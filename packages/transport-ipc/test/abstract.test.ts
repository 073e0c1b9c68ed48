/**
 * Abstract names on a real system: exact to the byte, as seen by a program in C (goal I2). They need Linux and a Node from
 * 22 on; on an older one the listener runs in a process of its own.
 */
import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { NotSupportedError } from "@sprocket/core";
import { within } from "@sprocket/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Child } from "./support/children.js";
import { currentIsModern, modernNode } from "./support/modern-node.js";
import { World } from "./support/world.js";

const node = process.platform === "linux" ? modernNode() : undefined;
const compiler = hasCompiler();
const missing = [
  ...(process.platform === "linux" ? [] : ["Linux"]),
  ...(node === undefined ? ["Node 22 (in SPROCKET_NODE22; with CI=1 it is fetched)"] : []),
  ...(compiler ? [] : ["a C compiler"]),
];
if (missing.length > 0) console.warn(`Abstract names are not tested: there is no ${missing.join(", no ")}.`);

function hasCompiler(): boolean {
  try {
    execFileSync("cc", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(missing.length > 0)(`abstract names (${missing.join(", ") || "nothing"} missing)`, () => {
  let world: World;
  let child: Child;
  let peer: string;

  beforeAll(async () => {
    world = new World();
    peer = join(world.folder, "abstract-peer");
    const source = fileURLToPath(new URL("./support/abstract-peer.c", import.meta.url));
    await promisify(execFile)("cc", ["-O1", "-o", peer, source]);
  });
  afterAll(() => world.close());
  beforeEach(() => {
    child = new Child(node === undefined ? {} : { node });
  });
  afterEach(() => child.end());

  /** Unlike any other test's, and of one process only. */
  const unique = `sprocket-${process.pid}-`;
  const names = [
    ["a plain name", `${unique}plain`],
    ["a name with a NUL inside", `${unique}a\0b`],
    ["a name that ends in a NUL", `${unique}a\0`],
    ["a name beyond ASCII", `${unique}ü`],
    ["a name of 107 bytes", unique.padEnd(107, "x")],
  ] as const;

  /** Calls the program with a name as hex. */
  const run = (role: string, name: string) => spawn(peer, [role, Buffer.from(name).toString("hex")]);
  const urlOf = (name: string) => `abstract://${encodeURIComponent(name)}`;

  async function outcome(program: ReturnType<typeof run>): Promise<string> {
    let text = "";
    program.stdout.on("data", (chunk) => {
      text += chunk;
    });
    await within(5_000, once(program, "close"), "the end of the C peer");
    return text.trim();
  }

  test.each(names)("%s can be listened at", async (_, name) => {
    expect(await child.ask("listen", urlOf(name))).toEqual({
      ok: { url: urlOf(name), address: urlOf(name) },
    });
    expect(await outcome(run("connect", name))).toBe("0053500000100000");
    expect(await outcome(run("connect", `${name}y`.slice(-107)))).toBe("refused");
    await child.ask("close");
    expect(await outcome(run("connect", name))).toBe("refused");
  });

  test.each(names)("%s can be dialed", async (_, name) => {
    const program = run("listen", name);
    try {
      await within(5_000, once(program.stdout, "data"), "the C peer to listen");
      expect(await child.ask("dial", urlOf(name))).toEqual({ ok: urlOf(name) });
    } finally {
      program.kill();
    }
  });

  test("a listener without a name gets one that nobody has, and its url tells it", async () => {
    const { ok } = (await child.ask("listen", "abstract://")) as { ok: { url: string; address: string } };
    expect(ok.url).toMatch(/^abstract:\/\/[0-9a-f]{16}$/);
    expect(ok.address).toBe(ok.url);
    expect(await outcome(run("connect", ok.url.slice("abstract://".length)))).toBe("0053500000100000");
  });

  test("a name that is taken is an address in use, and one where nobody listens refuses", async () => {
    const url = urlOf(`${unique}taken`);
    expect(await child.ask("dial", url)).toEqual({ error: "SP_ECONNREFUSED" });
    await child.ask("listen", url);
    const second = new Child(node === undefined ? {} : { node });
    try {
      expect(await second.ask("listen", url)).toEqual({ error: "SP_EADDRINUSE" });
    } finally {
      await second.end();
    }
  });
});

test.skipIf(process.platform !== "linux" || currentIsModern)(
  "before Node 22 both sides say what is needed (needs Node 20)",
  async () => {
    const world = new World();
    try {
      await expect(world.listen("abstract://sprocket")).rejects.toThrow(NotSupportedError);
      await expect(world.dial("abstract://sprocket")).rejects.toThrow("Node 22");
    } finally {
      await world.close();
    }
  },
);
