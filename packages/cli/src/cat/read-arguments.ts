// From arguments to what `cat` is asked to do. Options take effect one after the other, as in nngcat: what is wrong first
// on the line is reported, a file is read when its option is met, and `--help` ends it there. What belongs together is
// checked afterwards, in `check-settings.ts`.

import { argumentBytes } from "../raw-arguments.js";
import type { Terminal } from "../terminal.js";
import { CatError } from "./cat-error.js";
import { type FormatName, isFormatName } from "./formats.js";
import { largestInteger, parseInteger } from "./integer.js";
import { type OptionId, options } from "./options.js";
import { isProtocolName, type ProtocolName } from "./protocols.js";
import { readFile, readInput } from "./read-file.js";
import { scanOptions } from "./scan-options.js";

export interface Address {
  readonly mode: "dial" | "listen";
  readonly url: string;
}

export interface TlsSettings {
  insecure: boolean;
  cacert?: Uint8Array;
  cert?: Uint8Array;
  key?: Uint8Array;
}

/** What the line says. Durations are seconds here, as given; absent means not given. */
export interface Settings {
  readonly addresses: Address[];
  readonly topics: Uint8Array[];
  readonly tls: TlsSettings;
  protocol?: ProtocolName | "pair";
  format?: FormatName;
  data?: Uint8Array;
  count: number;
  interval?: number;
  delay: number;
  receiveTimeout: number;
  sendTimeout: number;
  receiveMaxSize: number;
  name?: string;
  verbose: boolean;
  compat: boolean;
  async: boolean;
}

const longestWait = 86_400;
/** One more than there are ports: nngcat's own limit, and so its own message for what is above. */
const highestPort = 65_536;

/** Resolves to `"help"` or `"version"` when the line asks for no more than that. */
export async function readArguments(
  args: readonly string[],
  terminal: Terminal,
): Promise<Settings | "help" | "version"> {
  const settings: Settings = {
    addresses: [],
    topics: [],
    tls: { insecure: false },
    count: 0,
    delay: 0,
    receiveTimeout: 0,
    sendTimeout: 0,
    receiveMaxSize: 0,
    verbose: false,
    compat: false,
    async: false,
  };
  for (const { id, value } of scanOptions(args, options)) {
    if (id === "help" || id === "version") {
      return id;
    }
    await apply(settings, id, value, terminal);
  }
  return settings;
}

async function apply(settings: Settings, id: OptionId, value: string, terminal: Terminal): Promise<void> {
  const { addresses, tls } = settings;
  if (id === "pair" || isProtocolName(id)) {
    once(settings.protocol, "Only one protocol may be specified.");
    settings.protocol = id;
    return;
  }
  if (isFormatName(id)) {
    once(settings.format, formatTwice);
    settings.format = id;
    return;
  }
  switch (id) {
    case "dial":
    case "connect":
      addresses.push({ mode: "dial", url: value });
      break;
    case "listen":
    case "bind":
      addresses.push({ mode: "listen", url: value });
      break;
    case "connect-ipc":
      addresses.push({ mode: "dial", url: `ipc:///${value}` });
      break;
    case "bind-ipc":
      addresses.push({ mode: "listen", url: `ipc:///${value}` });
      break;
    case "connect-local":
      addresses.push({ mode: "dial", url: `tcp://127.0.0.1:${parseInteger(value, highestPort)}` });
      break;
    case "bind-local":
      addresses.push({ mode: "listen", url: `tcp://127.0.0.1:${parseInteger(value, highestPort)}` });
      break;
    case "format":
      once(settings.format, formatTwice);
      if (!isFormatName(value)) {
        throw new CatError("Invalid format specified.");
      }
      settings.format = value;
      break;
    case "data":
      once(settings.data, dataTwice);
      settings.data = argumentBytes(value);
      break;
    case "file":
      once(settings.data, dataTwice);
      settings.data = await readInput(value, terminal);
      break;
    case "count":
      settings.count = parseInteger(value, largestInteger);
      break;
    case "interval":
      settings.interval = parseInteger(value, longestWait);
      break;
    case "delay":
      settings.delay = parseInteger(value, longestWait);
      break;
    case "recv-timeout":
      settings.receiveTimeout = parseInteger(value, longestWait);
      break;
    case "send-timeout":
      settings.sendTimeout = parseInteger(value, longestWait);
      break;
    case "recv-maxsz":
      settings.receiveMaxSize = parseInteger(value, largestInteger);
      break;
    case "subscribe":
      settings.topics.push(argumentBytes(value));
      break;
    case "socket-name":
      settings.name = value;
      break;
    case "async":
      settings.async = true;
      break;
    case "compat":
      settings.compat = true;
      break;
    case "verbose":
    case "silent":
      settings.verbose = id === "verbose";
      break;
    case "insecure":
      tls.insecure = true;
      break;
    case "cacert":
      once(tls.cacert, "CA Certificate (--cacert) may be specified only once.");
      tls.cacert = readFile(value);
      break;
    case "cert":
      once(tls.cert, "Cert (--cert) may be specified only once.");
      tls.cert = readFile(value);
      break;
    case "key":
      once(tls.key, "Key (--key) may be specified only once.");
      tls.key = readFile(value);
      break;
    default:
      // --zt-home
      break;
  }
}

const formatTwice = "Format may be specified only once.";
const dataTwice = "Data (--file, --data) may be specified only once.";

function once(given: unknown, complaint: string): void {
  if (given !== undefined) {
    throw new CatError(complaint);
  }
}
