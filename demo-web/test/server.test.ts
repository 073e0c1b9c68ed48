/** The server by itself: its arguments, its ports, its files, its end, and shells that join in. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Bus0 } from "@sprocket/bus";
import { Pair0 } from "@sprocket/pair";
import { Pull0, Push0 } from "@sprocket/pipeline";
import { Sub0 } from "@sprocket/pubsub";
import { Req0 } from "@sprocket/reqrep";
import { Respondent0 } from "@sprocket/survey";
import { ws } from "@sprocket/transport-ws";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { frameTile, type Job, readTile, TILE, TILE_TOPIC, TILES } from "../src/shared/picture.js";
import { nngcat, Server } from "./support/server.js";

const PATIENCE = 40_000;
const SPROCKET = fileURLToPath(new URL("../../packages/cli/bin/sprocket.js", import.meta.url));
const options = { transports: [ws()], receiveTimeout: PATIENCE };

let server: Server;
let url: string;
/** `ws://127.0.0.1:<port>` */
let address: string;

beforeAll(async () => {
  ({ server, url } = await Server.start());
  address = url.replace(/^http/, "ws").replace(/\/$/, "");
});
afterAll(() => server?.[Symbol.asyncDispose]());

test("Ctrl+C, a terminating system and /quit end it, with exit code 0 and nothing left behind", async () => {
  // A place of their own: other servers come and go at the same time, and those that are killed leave their folders.
  const place = mkdtempSync(join(tmpdir(), "sp-demo-"));
  for (const name of ["TMPDIR", "TEMP", "TMP"]) vi.stubEnv(name, place);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(place, { recursive: true, force: true });
  });
  const endings: readonly ((one: Server) => void)[] = [
    (one) => one.type("/quit"),
    // Windows knows no signals.
    ...(process.platform === "win32"
      ? []
      : [(one: Server) => one.kill("SIGINT"), (one: Server) => one.kill("SIGTERM")]),
  ];
  for (const ending of endings) {
    const { server: one, url: page } = await Server.start();
    await using _one = one;
    expect(readdirSync(place)).toEqual([expect.stringMatching(/^sprocket-demo-web-/)]);
    // Somebody is connected, and a browser keeps its connection open.
    await using bus = new Bus0({ ...options });
    await bus.dial(`${page.replace(/^http/, "ws")}chat`);
    await get(page);
    ending(one);
    expect(await one.end()).toEqual({ ended: 0, stderr: "" });
    expect(readdirSync(place)).toEqual([]);
  }
});

test("a port that is taken is an error, and nothing is left running", async () => {
  const { port } = new URL(url);
  await using second = new Server("--port", port);
  const { ended, stderr } = await second.end();
  expect(ended).toBe(1);
  expect(stderr).toBe(
    `Port ${port} is taken. Give another one, or leave --port out for the next free one.\n`,
  );
});

test("without --port it takes 8080 or the next one that is free", async () => {
  const first = createServer();
  // Taken by us, or by somebody else, who may leave it at any time.
  const ours = await new Promise<boolean>((resolve) =>
    first
      .once("listening", () => resolve(true))
      .once("error", () => resolve(false))
      .listen(8080, "127.0.0.1"),
  );
  try {
    await using second = new Server();
    const [, port] = await second.printed(/http:\/\/127\.0\.0\.1:(\d+)\//);
    expect(Number(port)).toBeGreaterThanOrEqual(ours ? 8081 : 8080);
    expect(Number(port)).toBeLessThan(8130);
  } finally {
    await new Promise((resolve) => first.close(resolve));
  }
});

test.each([
  [["--port", "many"], '--port must be a whole number from 0 to 65535; got "many".\n'],
  [["--port", "65536"], '--port must be a whole number from 0 to 65535; got "65536".\n'],
  [["--prot", "1"], /^Unknown option '--prot'/],
])("bad arguments are an error: %s", async (given, text) => {
  await using one = new Server(...given);
  const { ended, stderr } = await one.end();
  expect(ended).toBe(1);
  if (typeof text === "string") expect(stderr).toBe(text);
  else expect(stderr).toMatch(text);
});

test("--help says what there is", async () => {
  await using one = new Server("--help");
  expect(await one.end()).toEqual({ ended: 0, stderr: "" });
  expect(one.output).toContain("--port <number>");
});

test("it gives the page and nothing else, and tells browsers to load nothing from elsewhere", async () => {
  const page = await get(url);
  expect(page.status).toBe(200);
  expect(page.body).toContain("<title>Sprocket, live</title>");
  expect(page.headers["content-security-policy"]).toContain("default-src 'none'; script-src 'self'");
  expect((await get(`${url}page.js`)).headers["content-type"]).toBe("text/javascript; charset=utf-8");
  for (const path of ["nothing", "../package.json", "%2e%2e/package.json", "page.js/", "server/main.js"])
    expect((await get(url, { path: `/${path}` })).status).toBe(404);
  expect((await get(url, { method: "POST" })).status).toBe(405);
  expect((await get(url, { method: "HEAD" })).body).toBe("");
  // No reference to another host in anything that a browser loads.
  for (const file of ["", "page.js", "compute.js", "page.css"]) {
    const hosts = (await get(url + file)).body.match(/\b(?:https?|wss?):\/\/[\w.-]+/g) ?? [];
    expect(hosts.filter((host) => !/w3\.org|github\.com/.test(host))).toEqual([]);
  }
});

test("only this machine reaches it, and no page of another origin", async () => {
  const { port } = new URL(url);
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((each) => each?.family === "IPv4" && !each.internal)?.address;
  if (outside !== undefined)
    await expect(get(`http://${outside}:${port}/`)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  const upgrade = (origin: string): Promise<number> =>
    get(url, {
      path: "/chat",
      headers: {
        connection: "upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
        "sec-websocket-protocol": "bus.sp.nanomsg.org",
        origin,
      },
    }).then(({ status }) => status);
  expect(await upgrade("http://elsewhere.example")).toBe(403);
  expect(await upgrade(url.replace(/\/$/, ""))).toBe(101);
});

test("programs join in: chat, survey, measurements, workers, desk, line", async () => {
  await using bus = new Bus0({ ...options });
  await bus.dial(`${address}/chat`);
  await bus.send("visitor: I am no browser");
  await server.printed(/^visitor: I am no browser$/m);
  server.type("welcome all the same");
  expect((await bus.receiveMessage()).text()).toBe("terminal: welcome all the same");

  await using respondent = new Respondent0(options);
  const asked = new Promise<string>((resolve) =>
    respondent.serve((question) => {
      resolve(question.text());
      return "visitor";
    }),
  );
  await respondent.dial(`${address}/presence`);
  expect(await asked).toBe("who is here?");

  await using sub = new Sub0({ ...options, topics: ["pipes ", "presence "] });
  await sub.dial(`${address}/metrics`);
  const heard = { pipes: "", presence: "" };
  for await (const message of sub.messages()) {
    const [, topic, rest] = /^(pipes|presence) (.*)$/.exec(message.text()) ?? [];
    if (topic === undefined || rest === undefined) throw new Error("a topic that nobody asked for");
    if (topic === "pipes") heard.pipes = rest;
    else if (rest.includes("visitor")) heard.presence = rest;
    if (heard.pipes !== "" && heard.presence !== "") break;
  }
  expect(JSON.parse(heard.pipes)).toMatchObject({ at: expect.any(Number), value: expect.any(Number) });
  expect(JSON.parse(heard.presence)).toContainEqual({
    id: expect.stringMatching(/^pipe-/),
    name: "visitor",
    computing: false,
  });

  await using req = new Req0(options);
  await req.dial(`${address}/ask`);
  expect(text(await req.request("one two"))).toMatch(
    /^(ada|bob|cleo) says: 2 words, 7 characters, 1 line; sha256 [\da-f]{64}$/,
  );
  await using desk = new Req0(options);
  await desk.dial(`${address}/desk`);
  expect(text(await desk.request("coffee"))).toBe("The desk knows: welcome, picture, draw.");
  expect(JSON.parse(text(await desk.request("welcome")))).toMatchObject({ node: process.versions.node });

  await using pair = new Pair0(options);
  await pair.dial(`${address}/line`);
  expect((await pair.receiveMessage()).text()).toBe("You have the line.");
  server.type("/p psst");
  expect((await pair.receiveMessage()).text()).toBe("psst");
  server.type("/stats");
  await server.printed(/^line \(pair\): 2 out, 0 in\n {2}ws:/m);
});

test("tiles that somebody took and never gave back are pushed again", async () => {
  await using thief = new Pull0(options);
  await thief.dial(`${address}/jobs`);
  const stolen = new Set<number>();
  // As many as are pushed ahead of a puller.
  for (let tiles = 0; tiles < 2; tiles++) stolen.add((await thief.receiveMessage()).json<Job>().tile);
  await thief.close();

  await using picture = new Sub0({ ...options, topics: TILE_TOPIC, receiveBufferSize: TILES });
  await picture.dial(`${address}/picture`);
  await using results = new Push0({ ...options });
  await results.dial(`${address}/results`);
  await using jobs = new Pull0(options);
  await jobs.dial(`${address}/jobs`);
  const working = (async () => {
    for await (const message of jobs.messages()) {
      const { picture: number, tile } = message.json<Job>();
      // What is given back twice counts once.
      for (const bytes of [new Uint8Array(TILE * TILE), new Uint8Array(TILE * TILE)])
        await results.send(frameTile({ picture: number, tile, by: "node", name: "node", took: 0 }, bytes));
    }
  })();
  const done = new Set<number>();
  for await (const message of picture.messages()) {
    const tile = readTile(message.body, TILE_TOPIC)?.head.tile;
    if (tile === undefined || done.has(tile)) throw new Error("a tile that is none, or twice");
    done.add(tile);
    if (done.size === TILES) break;
  }
  expect([...stolen].every((tile) => done.has(tile))).toBe(true);
  await jobs.close();
  await working;
});

test("what is no line, no tile and no question harms nobody", async () => {
  await using bus = new Bus0(options);
  await bus.dial(`${address}/chat`);
  for (const noise of ["", "\u0000\u001b[2J", " : ", "\u001b]0;title\u0007: hi"]) await bus.send(noise);
  await bus.send("after: the noise");
  await server.printed(/^after: the noise$/m);
  // The terminal got no control characters.
  for (const control of ["\u001b", "\u0007"]) expect(server.output).not.toContain(control);

  await using req = new Req0(options);
  await req.dial(`${address}/ask`);
  for (const strange of ["{", "null", '{"task":"rm","text":"-rf"}', '{"task":"sha256"}'])
    expect(text(await req.request(strange))).toMatch(/ says: /);
});

const programs = [
  { name: "nngcat", words: nngcat === undefined ? undefined : [nngcat] },
  { name: "sprocket cat", words: [process.execPath, SPROCKET, "cat"] },
];
for (const { name, words } of programs) {
  const why = words === undefined ? " (apt-get install nng-utils)" : "";
  test.skipIf(words === undefined)(
    `the commands that it prints work as they stand, with ${name}${why}`,
    async () => {
      const commands = server.output.split("\n").filter((line) => line.startsWith("  nngcat "));
      expect(commands).toHaveLength(5);
      const run = async (role: string, ...more: string[]): Promise<string> => {
        const line = commands.find((command) => command.includes(role)) ?? "";
        const given = [...line.trim().matchAll(/"([^"]*)"|(\S+)/g)].map(
          ([, quoted, plain]) => quoted ?? plain ?? "",
        );
        const [file = "", ...before] = words ?? [];
        const { stdout } = await promisify(execFile)(file, [...before, ...given.slice(1), ...more], {
          timeout: PATIENCE,
        });
        return stdout;
      };
      expect(await run("--req0")).toMatch(/says: 2 words, 10 characters, 1 line; sha256/);
      expect(await run("--sub0", "--count", "1")).toMatch(/^loop \{"at":\d+,"value":[\d.]+,"unit":"ms"\}/);
      expect(await run("--pair0", "--recv-timeout", "2")).toMatch(/You have the line\./);
      await server.printed(/^\[private line\] hello$/m);
      await run("--bus0", "--recv-timeout", "1");
      await server.printed(/^shell: hi$/m);
      await run("--respondent0", "--count", "1");
    },
  );
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function get(
  place: string,
  options: { path?: string; method?: string; headers?: Record<string, string> } = {},
): Promise<{ status: number; body: string; headers: NodeJS.Dict<string | string[]> }> {
  return new Promise((resolve, reject) => {
    const asked = request(place, options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          body: Buffer.concat(chunks).toString(),
          headers: response.headers,
        }),
      );
    });
    asked.on("error", reject);
    asked.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, body: "", headers: response.headers });
    });
    asked.end();
  });
}
