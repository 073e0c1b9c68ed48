/**
 * What somebody probably meant by an option that does not exist: pynng's and nng's names, another word order, another
 * way of writing, a slip of the finger. For error texts only; no other spelling ever works.
 */

/** Longer names are no slip of the finger, and comparing them would take quadratic time. */
const LONGEST = 64;

const words: Readonly<Record<string, string>> = {
  recv: "receive",
  rcv: "receive",
  snd: "send",
  maximum: "max",
  minimum: "min",
  buf: "buffer",
  retry: "resend",
  reconn: "reconnect",
};

/** Words that say nothing here: units, and prefixes of nng's names such as `req:resend-time`. */
const noise: ReadonlySet<string> = new Set([
  "ms",
  "millis",
  "milliseconds",
  "req",
  "surveyor",
  "sub",
  "pair1",
]);

/** Names that share no words with ours. */
const renamed: Readonly<Record<string, string>> = {
  "buffer receive": "receiveBufferSize",
  "buffer send": "sendBufferSize",
  hwm: "sendBufferSize",
  "high water mark": "sendBufferBytes",
  linger: "closeTimeout",
  "name socket": "name",
  poly: "polyamorous",
  "hops max": "ttlMax",
  "accept pipe pre": "acceptPipe",
};

/** What is given elsewhere, by the words of its name. */
const elsewhere: Readonly<Record<string, string>> = {
  "block dial on": 'Give it to dial(): dial(url, { mode: "connect" }) or { mode: "background" }.',
  block: 'Give it to dial() as { mode: "connect" } or { mode: "background" }.',
  listen: "Call socket.listen(url) instead.",
  dial: "Call socket.dial(url) instead.",
  url: "Call socket.dial(url) or socket.listen(url) instead.",
  "nodelay tcp": "Give it to the transport: tcp({ noDelay: true }).",
  "delay no": "Give it to the transport: tcp({ noDelay: true }).",
  "keepalive tcp": "Give it to the transport: tcp({ keepAlive: true }).",
  "alive keep": "Give it to the transport: tcp({ keepAlive: true }).",
  "ipc permissions": "Give it to the transport: ipc({ permissions: 0o660 }).",
  permissions: "Give it to the transport: ipc({ permissions: 0o660 }).",
  "config tls": "Give it to the transport: tls({ ... }), or to one endpoint as { transport: { ... } }.",
  tls: "Give it to the transport: tls({ ... }), or to one endpoint as { transport: { ... } }.",
  raw: "Raw sockets are classes of their own, e.g. RawReq0.",
  transport: "Did you mean transports, an array such as [tcp()]?",
  "fd receive": "There are no file descriptors here: use socket.readable, or await socket.receive().",
  "fd send": "There are no file descriptors here: use socket.writable, or await socket.send().",
};

/** The one of `names` that was probably meant. */
export function otherName(given: string, names: readonly string[]): string | undefined {
  if (given.length > LONGEST) return undefined;
  const key = keyOf(given);
  if (key !== "") {
    for (const name of names) if (keyOf(name) === key) return name;
    const other = Object.hasOwn(renamed, key) ? renamed[key] : undefined;
    if (other !== undefined && names.includes(other)) return other;
  }
  const slips = Math.min(3, Math.floor(given.length / 3));
  let closest: string | undefined;
  let least = slips + 1;
  for (const name of names) {
    const distance = editDistance(given.toLowerCase(), name.toLowerCase());
    if (distance < least) {
      least = distance;
      closest = name;
    }
  }
  return closest;
}

/** A sentence for an option that is given elsewhere. */
export function placedElsewhere(given: string): string | undefined {
  if (given.length > LONGEST) return undefined;
  const key = keyOf(given);
  return Object.hasOwn(elsewhere, key) ? elsewhere[key] : undefined;
}

/** The words of a name, whatever their order and way of writing: `recv_max_size` and `receiveSizeMax` agree. */
function keyOf(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .map((word) => (Object.hasOwn(words, word) ? (words[word] as string) : word))
    .filter((word) => word !== "" && !noise.has(word))
    .sort()
    .join(" ");
}

/** Letters to insert, remove or replace to turn one into the other. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let line = 1; line <= from.length; line++) {
    const next = [line];
    for (let at = 1; at <= to.length; at++) {
      const replace = (row[at - 1] as number) + (from[line - 1] === to[at - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[at] as number) + 1, (next[at - 1] as number) + 1));
    }
    row = next;
  }
  return row[to.length] as number;
}
