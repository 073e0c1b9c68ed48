// A process that listens and dials with the built package, as its parent says.

import { lstatSync } from "node:fs";
import { parseUrl, systemClock } from "@sprocket/core/plugin";
import { ipc } from "@sprocket/transport-ipc";

process.umask(Number(process.env.TEST_UMASK));

const context = {
  protocol: {
    id: 0x10,
    name: "pair",
    peerId: 0x10,
    peerName: "pair",
    className: "Pair0",
    peerClassName: "Pair0",
    raw: false,
  },
  receiveMaxSize: 1_048_576,
  handshakeTimeout: 10_000,
  highWaterBytes: 1_048_576,
  signal: new AbortController().signal,
  clock: systemClock,
  maxPendingHandshakes: 128,
  maxConnections: 10_000,
  onPipe: (pipe) => pipe.close(),
  onReject() {},
  onError(error) {
    throw error;
  },
};

let listener;
let modes = new Set();
let watching = false;

const commands = {
  async listen(url, options) {
    listener = await ipc(options).listen(parseUrl(url), context);
    return { url: listener.url.href, address: listener.address };
  },
  async close() {
    await listener?.close();
    listener = undefined;
  },
  async dial(url) {
    const pipe = await ipc().dial(parseUrl(url), context);
    pipe.close();
    return pipe.remoteAddress;
  },
  become(user) {
    process.seteuid(user);
  },
  /** Looks at a path again and again, and keeps every mode that it ever had. */
  watch(path) {
    watching = true;
    modes = new Set();
    const look = () => {
      if (!watching) return;
      for (let round = 0; round < 200; round++) {
        const stats = lstatSync(path, { throwIfNoEntry: false });
        if (stats !== undefined) modes.add(stats.mode & 0o777);
      }
      setImmediate(look);
    };
    look();
  },
  seen() {
    watching = false;
    return [...modes];
  },
};

process.on("message", async ({ name, args }) => {
  try {
    process.send({ ok: (await commands[name](...args)) ?? null });
  } catch (error) {
    process.send({ error: error.code });
  }
});
