// `sprocket cat`: reads the line, opens the socket and the addresses, talks, closes.

import type { Terminal } from "../terminal.js";
import { version } from "../version.js";
import { openAddresses, transports } from "./addresses.js";
import { CatError } from "./cat-error.js";
import type { CatSocket } from "./cat-socket.js";
import { checkSettings } from "./check-settings.js";
import { answer, ask, type Clock, type Plan, receive, send } from "./conversation.js";
import { formats } from "./formats.js";
import { helpText } from "./help.js";
import type { ProtocolRow } from "./protocols.js";
import { readArguments, type Settings } from "./read-arguments.js";

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

async function perform(protocol: ProtocolRow, settings: Settings, terminal: Terminal): Promise<void> {
  const socket = openSocket(protocol, settings);
  const forget = terminal.beforeInterrupt(() => socket.destroy());
  try {
    await openAddresses(socket, settings, terminal);
    await talk(protocol, socket, settings, terminal);
    await socket.close();
  } finally {
    forget();
    socket.destroy();
  }
}

function openSocket(protocol: ProtocolRow, settings: Settings): CatSocket {
  if (protocol.open === undefined) {
    throw new CatError(`Protocol ${protocol.name} is not in this version of sprocket cat.`);
  }
  const { name } = settings;
  return protocol.open({
    transports,
    receiveMaxSize: settings.receiveMaxSize,
    sendTimeout: timeout(settings.sendTimeout),
    // nngcat takes any name; sockets here, as in nng, have up to 63 characters for it.
    ...(name === undefined ? {} : { name: name.slice(0, 63) }),
  });
}

function talk(
  protocol: ProtocolRow,
  socket: CatSocket,
  settings: Settings,
  terminal: Terminal,
): Promise<void> {
  const { data, format, interval } = settings;
  const plan: Plan = {
    count: settings.count,
    interval: interval === undefined ? undefined : interval * 1_000,
    delay: settings.delay * 1_000,
    receiveTimeout: timeout(settings.receiveTimeout),
    print: format === undefined ? async () => {} : (body) => terminal.write(formats[format](body)),
  };
  if (data === undefined || protocol.role === "receive") {
    return receive(socket, plan);
  }
  switch (protocol.role) {
    case "ask":
      return ask(socket, data, plan, clock);
    case "answer":
      return answer(socket, data, plan);
    case "send":
      return send(socket, data, plan, clock);
  }
}

/** 0 seconds are no limit, as in nngcat. */
function timeout(seconds: number): number {
  return seconds === 0 ? Number.POSITIVE_INFINITY : seconds * 1_000;
}
