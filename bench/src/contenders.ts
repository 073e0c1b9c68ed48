/** Who takes part in which workload, and with which program. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { cProgram } from "./c-programs.js";
import type { WorkloadName } from "./workloads.js";

type Command = readonly [file: string, ...parameters: string[]];

export interface Program {
  /** The file to start and the arguments that come before the task's own; undefined: it is not here. */
  readonly command: Command | undefined;
  /** What would bring it here. */
  readonly install: string;
}

export interface Contender {
  readonly name: string;
  readonly mode: string;
  readonly ours: boolean;
  readonly program: Program;
  /** Cannot listen on port 0, or does not tell which one it got. */
  readonly fixedPort: boolean;
  /** The part of a workload's messages that it sends: who is slow by nature needs no more for a steady rate. */
  readonly share: number;
  /** Part of the short form. */
  readonly quick: boolean;
  /** Only beside workloads in which the listener sends, and there its dialer does: what the other direction costs. */
  readonly reverse: boolean;
}

function worker(name: string): Command {
  return [process.execPath, fileURLToPath(new URL(`workers/${name}.js`, import.meta.url))];
}

/** A program of ours that needs a package of npm. */
function workerWith(npmPackage: string, name: string): Program {
  const install = `the npm package ${npmPackage}`;
  try {
    createRequire(import.meta.url)(npmPackage);
    return { command: worker(name), install };
  } catch {
    return { command: undefined, install };
  }
}

function pythonProgram(): Program {
  const install = "python3 with pyzmq (apt-get install python3-zmq)";
  const file = fileURLToPath(new URL("../py/pyzmq-bench.py", import.meta.url));
  for (const python of ["python3", "/usr/bin/python3"]) {
    try {
      execFileSync(python, ["-c", "import zmq"], { stdio: "ignore" });
      return { command: [python, file], install };
    } catch {
      // Perhaps the other one has it.
    }
  }
  return { command: undefined, install };
}

/** Finds programs, or says what is missing. */
export interface Finder {
  /** A program that needs nothing. */
  here(name: string): Program;
  zeromq(name: string): Program;
  fromC(library: "nng" | "nanomsg" | "zmq", name: string): Program;
  python(): Program;
}

const finder: Finder = {
  here: (name) => ({ command: worker(name), install: "" }),
  zeromq: (name) => workerWith("zeromq", name),
  fromC: (library, name) => cProgram(library, `${library}-${name}`),
  python: pythonProgram,
};

interface Traits {
  readonly fixedPort?: boolean;
  readonly share?: number;
  readonly quick?: boolean;
  readonly reverse?: boolean;
}

/** What all have in common that need nothing special. */
const usual = { fixedPort: false, share: 1, quick: true, reverse: false };

function ours(name: string, mode: string, program: Program): Contender {
  return { ...usual, name, mode, ours: true, program };
}

function peer(name: string, mode: string, program: Program, traits: Traits = {}): Contender {
  return { ...usual, name, mode, ours: false, ...traits, program };
}

const fixedPort = true;
/** For those that send fewer than half a million small messages a second. */
const slow = { share: 1 / 8 };
/** The same where there are most of them. */
const slower = { share: 1 / 16 };

export function contenders({
  here,
  zeromq: fromZeromq,
  fromC,
  python,
}: Finder = finder): Readonly<Record<WorkloadName, readonly Contender[]>> {
  const sprocket = here("sprocket");
  const net = here("raw-net");
  const zeromq = fromZeromq("zeromq");
  const nng = fromC("nng", "bench");
  const nanomsg = fromC("nanomsg", "bench");
  const zmq = fromC("zmq", "bench");
  const pyzmq = python();

  const many = here("sprocket-many");
  const zeromqMany = fromZeromq("zeromq-many");
  const nngMany = fromC("nng", "many");
  const nanomsgMany = fromC("nanomsg", "many");

  const inproc = here("sprocket-inproc");
  const zeromqInproc = fromZeromq("zeromq-inproc");
  const nngInproc = fromC("nng", "inproc");
  const nanomsgInproc = fromC("nanomsg", "inproc");
  const zmqInproc = fromC("zmq", "inproc");

  return {
    w1: [
      ours("sprocket try", "pair-try", sprocket),
      ours("sprocket await", "pair-await", sprocket),
      peer("node:net", "pair", net, slower),
      peer("zeromq.js", "pair", zeromq, slower),
      peer("nng C aio", "pair-aio", nng, slower),
      peer("nanomsg C", "pair", nanomsg, { ...slower, fixedPort, quick: false }),
      peer("libzmq C", "pair", zmq, { fixedPort }),
      peer("pyzmq", "pair", pyzmq, { ...slower, fixedPort, quick: false }),
    ],
    push: [
      ours("sprocket try", "push-try", sprocket),
      ours("sprocket await", "push-await", sprocket),
      peer("zeromq.js", "pipeline", zeromq, slower),
      peer("nng C aio", "push-aio", nng, slower),
      peer("libzmq C", "push", zmq, { fixedPort }),
    ],
    w2: [
      ours("sprocket", "reqrep", sprocket),
      ours("sprocket request", "reqrep-request", sprocket),
      peer("node:net", "reqrep", net),
      peer("zeromq.js", "reqrep", zeromq),
      peer("nng C", "reqrep", nng),
      peer("nanomsg C", "reqrep", nanomsg, { fixedPort, quick: false }),
      peer("libzmq C", "reqrep", zmq, { fixedPort }),
      peer("pyzmq", "reqrep", pyzmq, { fixedPort, quick: false }),
    ],
    w2b: [
      ours("sprocket request", "reqrep-parallel", sprocket),
      peer("zeromq.js dealer", "reqrep-parallel", zeromq, { share: 1 / 4 }),
      peer("nng C contexts", "reqrep-parallel", nng, { share: 1 / 4 }),
      peer("libzmq C dealer", "reqrep-parallel", zmq, { fixedPort }),
    ],
    w3: [
      ours("sprocket try", "pubsub-try", many),
      ours("sprocket await", "pubsub-await", many),
      peer("zeromq.js", "pubsub", zeromqMany),
      peer("nng C", "pubsub", nngMany),
      peer("nanomsg C", "pubsub", nanomsgMany, { fixedPort, share: 1 / 2, quick: false }),
      peer("libzmq C", "pubsub", fromC("zmq", "many"), { fixedPort }),
    ],
    survey: [
      ours("sprocket", "survey", many),
      peer("nng C", "survey", nngMany),
      peer("nanomsg C", "survey", nanomsgMany, { fixedPort }),
    ],
    w4: [
      ours("sprocket batch", "batch", inproc),
      ours("sprocket await", "await", inproc),
      peer("zeromq.js", "await", zeromqInproc, slow),
      peer("nng C", "throughput", nngInproc, slow),
      peer("nanomsg C", "throughput", nanomsgInproc, slow),
      peer("libzmq C", "throughput", zmqInproc),
    ],
    "w4-latency": [
      ours("sprocket", "latency", inproc),
      peer("zeromq.js", "latency", zeromqInproc),
      peer("nng C", "latency", nngInproc),
      peer("nanomsg C", "latency", nanomsgInproc),
      peer("libzmq C", "latency", zmqInproc),
    ],
    w6: [
      ours("sprocket try", "pair-try", sprocket),
      peer("ws", "pair", here("raw-ws"), slow),
      peer("ws masked", "pair", here("raw-ws"), { ...slow, reverse: true }),
      peer("nng C aio", "pair-aio", nng, { ...slow, fixedPort }),
    ],
    tls: [
      ours("sprocket try", "pair-try", sprocket),
      peer("node:tls", "pair", net, slow),
      peer("nng C aio", "pair-aio", nng, slow),
    ],
    subscribers: [
      ours("sprocket try", "pubsub-try", many),
      peer("zeromq.js", "pubsub", zeromqMany, { share: 1 / 4 }),
    ],
    topics: [ours("sprocket try", "topics", many), peer("zeromq.js", "topics", zeromqMany)],
    loop: [ours("sprocket try", "pair-both", sprocket)],
  };
}

/** Of everything that takes part, as it says itself. */
export function versions(): Record<string, string> {
  const found: Record<string, string> = { "Node.js": process.version };
  const npm = createRequire(import.meta.url);
  for (const name of ["zeromq", "ws"]) {
    try {
      const manifest = JSON.parse(readFileSync(npm.resolve(`${name}/package.json`), "utf8")) as {
        version: string;
      };
      found[name] = manifest.version;
    } catch {
      // It is not here, or does not show its manifest.
    }
  }
  const programs = {
    nng: finder.fromC("nng", "bench"),
    nanomsg: finder.fromC("nanomsg", "bench"),
    libzmq: finder.fromC("zmq", "bench"),
  };
  for (const [name, { command }] of Object.entries({ ...programs, pyzmq: finder.python() })) {
    if (command === undefined) continue;
    const [file, ...parameters] = command;
    found[name] = execFileSync(file, [...parameters, "version"], { encoding: "utf8" }).trim();
  }
  return found;
}
