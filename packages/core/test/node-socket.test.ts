import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { ConnectionResetError, CryptoError } from "../src/errors.js";
import { fromNodeSocket, type NodeSocketLike } from "../src/stream/node-socket.js";

class FakeSocket extends EventEmitter {
  destroyed = false;
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    process.nextTick(() => this.emit("close", false));
  }
}

function started(): { socket: FakeSocket; closed: Promise<Error | undefined> } {
  const socket = new FakeSocket();
  const stream = fromNodeSocket(socket as unknown as NodeSocketLike, {
    local: "tls+tcp://127.0.0.1:1",
    remote: "tls+tcp://127.0.0.1:2",
  });
  const closed = new Promise<Error | undefined>((resolve) => {
    stream.start({ onData: () => undefined, onEnd: () => undefined, onClose: resolve });
  });
  return { socket, closed };
}

test("a socket that reports an error and goes on is destroyed, and the first error is the reason", async () => {
  const { socket, closed } = started();
  socket.emit("error", Object.assign(new Error("bad record"), { code: "ERR_SSL_BAD_RECORD_TYPE" }));
  socket.emit("error", Object.assign(new Error("reset"), { code: "ECONNRESET" }));
  expect(socket.destroyed).toBe(true);
  expect(await closed).toBeInstanceOf(CryptoError);
  // Errors after the close end nothing either.
  socket.emit("error", new Error("late"));
});

test("what became of a connection reads as a sentence", async () => {
  const { socket, closed } = started();
  socket.emit("error", Object.assign(new Error("reset"), { code: "ECONNRESET" }));
  const error = await closed;
  expect(error).toBeInstanceOf(ConnectionResetError);
  expect(error?.message).toBe("Lost tls+tcp://127.0.0.1:2: the peer reset the connection (ECONNRESET).");
});
