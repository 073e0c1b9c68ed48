// `sprocket cat`: reads the line, opens the socket and the addresses, talks, closes.

import type { Terminal } from "../terminal.js";
import { version } from "../version.js";
import { openAddresses } from "./addresses.js";
import { CatError } from "./cat-error.js";
import type { CatSocket, CatSocketOptions, OpenSocket } from "./cat-socket.js";
import { checkSettings } from "./check-settings.js";
import { answer, ask, type Clock, type Plan, receive, send, talk } from "./conversation.js";
import { formats } from "./formats.js";
import { helpText } from "./help.js";
import type { ProtocolRow } from "./protocols.js";
import { readArguments, type Settings } from "./read-arguments.js";
import { Transports } from "./transports.js";

const clock: Clock = {
  now: () => performance.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/** Resolves with the exit code, which is nngcat's: 1 for whatever went wrong, and also for `--help`. */
export async function cat(args: readonly string[], terminal: Terminal): Promise<number> {
  let verbose = false;
  try {
    const settings = await readArguments(args, terminal);
    if (settings === "help") {
      await terminal.write(helpText());
      return 1;
    }
    if (settings === "version") {
      await terminal.write(`${version}\n`);
      return 0;
    }
    verbose = settings.verbose;
    await perform(checkSettings(settings), settings, terminal);
    return 0;
  } catch (error) {
    if (!(error instanceof CatError)) {
      throw error;
    }
    await terminal.complain(error.message);
    const explanation = error.explanation(verbose);
    if (explanation !== undefined) {
      await terminal.complain(explanation);
    }
    return 1;
  }
}

function perform(protocol: ProtocolRow, settings: Settings, terminal: Terminal): Promise<void> {
  const { data, format, interval } = settings;
  const plan: Plan = {
    count: settings.count,
    interval: interval === undefined ? undefined : interval * 1_000,
    delay: settings.delay * 1_000,
    receiveTimeout: timeout(settings.receiveTimeout),
    print: format === undefined ? async () => {} : (body) => terminal.write(formats[format](body)),
  };

  async function on<Socket extends CatSocket>(
    open: OpenSocket<Socket>,
    converse: (socket: Socket) => Promise<void>,
  ): Promise<void> {
    const transports = new Transports(settings.tls);
    const socket = open(socketOptions(settings, transports), settings.topics);
    const forget = terminal.beforeInterrupt(() => socket.destroy());
    try {
      await openAddresses(socket, settings, transports, terminal);
      await converse(socket);
      await socket.close();
    } finally {
      forget();
      socket.destroy();
    }
  }

  // Who asks or only sends has data, or the settings would have been refused.
  const required = data ?? new Uint8Array(0);
  switch (protocol.role) {
    case "ask":
      return on(protocol.open, (socket) => ask(socket, required, plan, clock));
    case "talk":
      return on(protocol.open, (socket) =>
        data === undefined ? receive(socket, plan) : talk(socket, data, plan, clock),
      );
    case "answer":
      return on(protocol.open, (socket) =>
        data === undefined ? receive(socket, plan) : answer(socket, data, plan),
      );
    case "send":
      return on(protocol.open, (socket) => send(socket, required, plan, clock));
    case "receive":
      return on(protocol.open, (socket) => receive(socket, plan));
  }
}

function socketOptions(settings: Settings, transports: Transports): CatSocketOptions {
  const { name } = settings;
  return {
    transports: transports.all,
    receiveMaxSize: settings.receiveMaxSize,
    sendTimeout: timeout(settings.sendTimeout),
    // nngcat takes any name; sockets here, as in nng, have up to 63 characters for it.
    ...(name === undefined ? {} : { name: name.slice(0, 63) }),
  };
}

/** 0 seconds are no limit, as in nngcat. */
function timeout(seconds: number): number {
  return seconds === 0 ? Number.POSITIVE_INFINITY : seconds * 1_000;
}
