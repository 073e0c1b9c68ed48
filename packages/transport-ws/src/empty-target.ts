/**
 * nng that dials an address without a path, such as `ws://127.0.0.1:5555`, asks for nothing at all: `GET  HTTP/1.1`. Its own
 * listener takes that for `/`; Node's parser refuses it. So the first bytes of a connection are looked at before the parser
 * gets them, and the path that is missing is put there. Every other byte passes as it came.
 */
import type { Server } from "node:http";
import type { Socket } from "node:net";

const EMPTY = Buffer.from("GET  HTTP/");
const ROOT = Buffer.from("GET / HTTP/");

/** @param event what brings a connection to the server's parser: `"connection"`, or with TLS `"secureConnection"` */
export function acceptEmptyTargets(server: Server, event: "connection" | "secureConnection"): void {
  // Bun's server reads its connections itself, past their sockets.
  if (process.versions.bun !== undefined) return;
  const parsers = server.listeners(event) as ((socket: Socket) => void)[];
  server.removeAllListeners(event);
  server.on(event, (socket: Socket) => {
    look(socket, () => {
      for (const parse of parsers) parse.call(server, socket);
    });
  });
}

function look(socket: Socket, done: () => void): void {
  let start: Buffer = Buffer.alloc(0);
  const onData = (chunk: Buffer): void => {
    start = start.length === 0 ? chunk : Buffer.concat([start, chunk]);
    const length = Math.min(start.length, EMPTY.length);
    const empty = start.compare(EMPTY, 0, length, 0, length) === 0;
    if (empty && start.length < EMPTY.length) return;
    socket.off("data", onData);
    socket.off("end", onEnd);
    socket.pause();
    socket.unshift(empty ? Buffer.concat([ROOT, start.subarray(EMPTY.length)]) : start);
    done();
    // Not at once: the parser must have taken its place.
    process.nextTick(() => socket.resume());
  };
  // It goes before it has asked for anything.
  const onEnd = (): void => {
    socket.destroy();
  };
  socket.on("data", onData);
  socket.once("end", onEnd);
}
