// A process with few file descriptors that listens with the built package, and says what becomes of it.

import { openSync } from "node:fs";
import { parseUrl, systemClock } from "@sprocket/core/plugin";
import { tcp } from "@sprocket/transport-tcp";

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
  maxPendingHandshakes: 10_000,
  maxConnections: 10_000,
  onPipe: (pipe) => pipe.close(),
  onReject() {},
  onError(error) {
    throw error;
  },
};

const listener = await tcp().listen(parseUrl("tcp://127.0.0.1:0"), context);

process.on("message", async (command) => {
  if (command === "dial") {
    // Whatever is still free goes first.
    try {
      for (;;) openSync("/dev/null");
    } catch {}
    const outcome = await tcp()
      .dial(listener.url, context)
      .then(
        () => "connected",
        (error) => error.code,
      );
    process.send(outcome);
  } else {
    process.send(process.cpuUsage());
  }
});
process.send(listener.url.href);
