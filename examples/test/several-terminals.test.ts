/** The examples that take roles run as several processes, as in several terminals. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Program } from "./support/program.js";

const noOpenssl =
  spawnSync("openssl", ["version"]).error !== undefined && process.env.SPROCKET_REQUIRE_PEERS !== "1";
const folder = mkdtempSync(join(tmpdir(), "sprocket-terminals-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let addresses = 0;

/** An address that can be told to both sides before anybody listens there. */
function address(): string {
  const name = `t${process.pid}-${++addresses}`;
  return process.platform === "win32" ? `ipc://${name}` : `ipc://${join(folder, name)}`;
}

/** Starts a listener at a free port. */
async function listener(name: string): Promise<{ program: Program; url: string }> {
  const program = new Program(name, "listen", "tcp://127.0.0.1:0");
  const [, url = ""] = await program.printed(/^listening at (.*)$/);
  return { program, url };
}

async function endsWell(program: Program): Promise<readonly string[]> {
  const { ended, lines, stderr } = await program.end();
  expect({ ended, stderr }).toEqual({ ended: 0, stderr: "" });
  return lines;
}

test("pair-ping: the listener first", async () => {
  const { program, url } = await listener("pair-ping");
  await using one = program;
  await using other = new Program("pair-ping", "dial", url);
  expect(await endsWell(other)).toEqual([1, 2, 3].map((round) => `dialer received pong ${round}`));
  expect((await endsWell(one)).slice(1)).toEqual([1, 2, 3].map((round) => `listener received ping ${round}`));
});

test("pair-ping: the dialer first", async () => {
  const url = address();
  await using dialer = new Program("pair-ping", "dial", url);
  await using listening = new Program("pair-ping", "listen", url);
  expect(await endsWell(dialer)).toHaveLength(3);
  expect(await endsWell(listening)).toHaveLength(4);
});

test("pair1-chat: lines go to all guests, and from each guest to the host", async () => {
  const { program: host, url } = await listener("pair1-chat");
  await using one = host;
  await using ada = new Program("pair1-chat", "dial", url);
  await using bob = new Program("pair1-chat", "dial", url);
  await one.printed(/^2 here$/);
  one.type("welcome");
  await ada.printed(/^< welcome$/);
  await bob.printed(/^< welcome$/);
  ada.type("hello from ada");
  await one.printed(/^< hello from ada$/);
  for (const program of [ada, bob, one]) {
    program.endInput();
    await endsWell(program);
  }
});

test("reqrep: the service answers until Ctrl-C", async () => {
  const { program, url } = await listener("reqrep");
  await using service = program;
  for (let visitor = 0; visitor < 2; visitor++) {
    await using asking = new Program("reqrep", "dial", url);
    expect(await endsWell(asking)).toHaveLength(3);
  }
  service.kill("SIGINT");
  // Windows knows no signals: there it is just gone.
  if (process.platform !== "win32") await endsWell(service);
});

test("pubsub", async () => {
  const { program, url } = await listener("pubsub");
  await using publisher = program;
  await using subscriber = new Program("pubsub", "dial", url);
  expect(await endsWell(subscriber)).toEqual([1, 2, 3].map((news) => `subscriber heard news ${news}`));
  await endsWell(publisher);
});

test("pipeline: workers leave with the source", async () => {
  const urls = [address(), address()];
  await using worker = new Program("pipeline", "worker", ...urls);
  await using source = new Program("pipeline", "source", ...urls);
  expect((await endsWell(source)).slice(1)).toEqual(
    [1, 2, 3, 4, 5, 6].map((job) => `job ${job} done by worker`),
  );
  expect(await endsWell(worker)).toEqual([]);
});

test("survey", async () => {
  const { program, url } = await listener("survey");
  await using surveyor = program;
  await using respondent = new Program("survey", "dial", url);
  const [, answer, over] = await endsWell(surveyor);
  expect(answer).toMatch(/^answer: \d{4}-\d\d-\d\dT/);
  expect(over).toBe("the survey is over");
  expect(await endsWell(respondent)).toEqual([]);
});

test("bus-mesh: four programs, in the unkindest order", async () => {
  const names = ["a", "b", "c", "d"];
  const urls = names.map(address);
  const programs = names.map((name, at) => new Program("bus-mesh", name, ...urls.slice(at)));
  try {
    const heard = await Promise.all(programs.map(endsWell));
    expect(heard.flat()).toEqual(
      names.map((name) => {
        const others = names.filter((other) => other !== name);
        return `${name} heard: ${others.map((other) => `hello from ${other}`).join(", ")}`;
      }),
    );
  } finally {
    await Promise.all(programs.map((program) => program[Symbol.asyncDispose]()));
  }
});

test("reconnect: the listener is killed and started again", async () => {
  const url = address();
  await using first = new Program("reconnect", "listen", url);
  await using dialer = new Program("reconnect", "dial", url);
  dialer.type("one");
  await dialer.printed(/^one, says process \d+$/);
  first.kill();
  await dialer.printed(/^the connection is gone$/);
  dialer.type("two");
  await using _second = new Program("reconnect", "listen", url);
  await dialer.printed(/^two, says process \d+$/);
  dialer.endInput();
  await endsWell(dialer);
});

test.skipIf(noOpenssl)("tls: certificates, a service and who asks it (needs openssl)", async () => {
  const pki = mkdtempSync(join(folder, "pki-"));
  await using making = new Program("tls", "certificates", pki);
  expect(await endsWell(making)).toEqual([`certificates are in ${pki}`]);
  await using service = new Program("tls", "listen", "tls+tcp://localhost:0", pki);
  const [, url = ""] = await service.printed(/^listening at (.*)$/);
  await using asking = new Program("tls", "dial", url, pki);
  expect(await endsWell(asking)).toEqual(["the reply is: hello, ada"]);
});
