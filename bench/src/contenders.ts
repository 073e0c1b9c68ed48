/** Who takes part in which workload, and with which program. */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { cProgram } from "./c-programs.js";
import type { WorkloadName } from "./workloads.js";

export interface Contender {
  readonly name: string;
  readonly mode: string;
  readonly ours: boolean;
  /** Cannot listen on port 0. */
  readonly fixedPort: boolean;
  readonly program: Program;
}

export interface Program {
  /** The file to start and the arguments that come before the task's own; undefined: it is not here. */
  readonly command: readonly [file: string, ...parameters: string[]] | undefined;
  /** What would bring it here. */
  readonly install: string;
}

function worker(name: string): Program["command"] {
  return [process.execPath, fileURLToPath(new URL(`workers/${name}.js`, import.meta.url))];
}

function zeromqCommand(): Program["command"] {
  try {
    createRequire(import.meta.url)("zeromq");
    return worker("zeromq");
  } catch {
    return undefined;
  }
}

export function contenders(): Readonly<Record<WorkloadName, readonly Contender[]>> {
  const sprocket = { command: worker("sprocket"), install: "" };
  const net = { command: worker("raw-net"), install: "" };
  const zeromq = { command: zeromqCommand(), install: "the npm package zeromq" };
  const nng = cProgram("nng", "libnng-dev");
  const nanomsg = cProgram("nanomsg", "libnanomsg-dev");
  const zmq = cProgram("zmq", "libzmq3-dev");

  const ours = (name: string, mode: string): Contender => ({
    name,
    mode,
    ours: true,
    fixedPort: false,
    program: sprocket,
  });
  const peer = (name: string, mode: string, program: Program): Contender => ({
    name,
    mode,
    ours: false,
    fixedPort: program === nanomsg || program === zmq,
    program,
  });

  return {
    w1: [
      ours("sprocket try", "pair-try"),
      ours("sprocket await", "pair-await"),
      peer("node:net", "pair", net),
      peer("zeromq.js pair", "pair", zeromq),
      peer("zeromq.js push", "pipeline", zeromq),
      peer("nng C sync", "pair-sync", nng),
      peer("nng C aio", "pair-aio", nng),
      peer("nanomsg C", "pair", nanomsg),
      peer("libzmq C", "pair", zmq),
    ],
    w2: [
      ours("sprocket", "reqrep"),
      ours("sprocket request", "reqrep-request"),
      peer("node:net", "reqrep", net),
      peer("zeromq.js", "reqrep", zeromq),
      peer("nng C", "reqrep", nng),
      peer("nanomsg C", "reqrep", nanomsg),
      peer("libzmq C", "reqrep", zmq),
    ],
    w2b: [
      ours("sprocket request", "reqrep-parallel"),
      peer("zeromq.js dealer", "reqrep-parallel", zeromq),
      peer("nng C contexts", "reqrep-parallel", nng),
      peer("libzmq C dealer", "reqrep-parallel", zmq),
    ],
  };
}
