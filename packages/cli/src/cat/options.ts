// Every option of `sprocket cat`, in the order in which the help lists them: the parser reads names and values from here,
// the help reads the rest. The names are nngcat's, so that each script written for it is understood.

import { type ProtocolName, protocols } from "./protocols.js";
import type { OptionName } from "./scan-options.js";

export type OptionId =
  | ProtocolName
  | "pair"
  | "dial"
  | "connect"
  | "connect-ipc"
  | "connect-local"
  | "listen"
  | "bind"
  | "bind-ipc"
  | "bind-local"
  | "format"
  | "ascii"
  | "quoted"
  | "hex"
  | "msgpack"
  | "raw"
  | "data"
  | "file"
  | "count"
  | "interval"
  | "delay"
  | "recv-timeout"
  | "send-timeout"
  | "recv-maxsz"
  | "subscribe"
  | "async"
  | "compat"
  | "socket-name"
  | "verbose"
  | "silent"
  | "insecure"
  | "cacert"
  | "cert"
  | "key"
  | "zt-home"
  | "help"
  | "version";

interface HelpText {
  readonly short?: string;
  /** What the help calls the value. An option without one takes none. */
  readonly value?: string;
  /** What the help says. An option without it is not listed. */
  readonly help?: string;
}

export interface CatOption extends OptionName<OptionId>, HelpText {
  readonly short?: string;
}

export interface OptionSection {
  readonly title: string;
  readonly options: readonly CatOption[];
}

function option(id: OptionId, text: HelpText): CatOption {
  return { id, long: id, takesValue: text.value !== undefined, ...text };
}

export const sections: readonly OptionSection[] = [
  {
    title: "Protocol, one of",
    options: [
      ...protocols.map((row) => option(row.name, { help: "" })),
      // An entry of its own, or "--sub" would be short for "--subscribe" as well.
      { id: "sub0", long: "sub", takesValue: false },
      option("pair", { help: "pair1, or with --compat pair0" }),
    ],
  },
  {
    title: "Addresses, one or more",
    options: [
      option("dial", { value: "url", help: "connect to this address" }),
      option("connect", { value: "url", help: "the same" }),
      option("connect-ipc", { short: "x", value: "path", help: "connect to ipc:///<path>" }),
      option("connect-local", { short: "l", value: "port", help: "connect to tcp://127.0.0.1:<port>" }),
      option("listen", { value: "url", help: "listen at this address" }),
      option("bind", { value: "url", help: "the same" }),
      option("bind-ipc", { short: "X", value: "path", help: "listen at ipc:///<path>" }),
      option("bind-local", {
        short: "L",
        value: "port",
        help: "listen at tcp://127.0.0.1:<port>; 0: a free port",
      }),
    ],
  },
  {
    title: "What to send, at most one",
    options: [
      option("data", { short: "D", value: "text", help: "this text" }),
      option("file", { short: "F", value: "path", help: "what is in this file; -: standard input" }),
    ],
  },
  {
    title: "How to print what is received, at most one; default: not at all",
    options: [
      option("format", { value: "name", help: "no, raw, ascii, quoted, hex or msgpack" }),
      option("raw", { help: "the bytes, with nothing between messages" }),
      option("ascii", { short: "A", help: "the same, with a dot for all but printable ASCII" }),
      option("quoted", { short: "Q", help: 'a line each, in quotes, escaped as in C: "a\\n"' }),
      option("hex", { help: 'a line each, in quotes, byte by byte: "\\x61\\x0a"' }),
      option("msgpack", { help: "MessagePack bin: the length, then the bytes" }),
    ],
  },
  {
    title: "When and how often",
    options: [
      option("count", { short: "C", value: "number", help: "stop after so many rounds; 0: never" }),
      option("interval", {
        short: "i",
        value: "seconds",
        help: "begin a new round, with the same data, at this pace",
      }),
      option("delay", { short: "d", value: "seconds", help: "wait before the first message is sent" }),
      option("recv-timeout", { value: "seconds", help: "give up receiving after this; 0: never" }),
      option("send-timeout", { value: "seconds", help: "give up sending after this; 0: never" }),
    ],
  },
  {
    title: "Socket",
    options: [
      option("recv-maxsz", {
        short: "Z",
        value: "bytes",
        help: "drop peers that send more at once; 0: no limit",
      }),
      option("subscribe", { value: "topic", help: "with --sub0 only; may be repeated" }),
      option("async", { help: "do not wait for connections, keep trying" }),
      option("compat", { help: "as nanocat: implies --async, and --pair is pair0" }),
      option("socket-name", { value: "name", help: "for diagnosis only" }),
    ],
  },
  {
    title: "TLS, for the addresses that use it; all files are PEM",
    options: [
      option("insecure", { short: "k", help: "do not verify who listens where we dial" }),
      option("cacert", { value: "path", help: "trust these authorities, and no other" }),
      option("cert", {
        short: "E",
        value: "path",
        help: "own certificate, with its chain; to listen it must be there",
      }),
      option("key", { value: "path", help: "its private key; default: in the same file" }),
    ],
  },
  {
    title: "Other",
    options: [
      option("verbose", { short: "v", help: "say which addresses are up, with their real ports" }),
      option("silent", { short: "q", help: "take --verbose back" }),
      option("zt-home", { value: "path", help: "ignored: there is no ZeroTier here" }),
      option("help", { short: "h", help: "print this" }),
      option("version", { short: "V", help: "print the version" }),
    ],
  },
];

export const options: readonly CatOption[] = sections.flatMap((section) => section.options);
