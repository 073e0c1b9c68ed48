/** What all parts of the server stand on: one HTTP server, one transport that is attached to it, a list of what to close. */
import type { Server } from "node:http";
import type { Socket } from "@sprocket/core";
import { ws } from "@sprocket/transport-ws";
import { HOST } from "./site.js";

export class Ground {
  readonly server: Server;
  readonly sockets: Socket[] = [];
  readonly #transports: ReturnType<typeof ws>[];

  constructor(server: Server) {
    this.server = server;
    this.#transports = [ws({ server })];
  }

  /** For sockets that tabs dial. */
  options(name: string): { name: string; transports: ReturnType<typeof ws>[] } {
    return { name, transports: this.#transports };
  }

  /** It is closed with the rest, and counted. */
  keep<S extends Socket>(socket: S): S {
    this.sockets.push(socket);
    return socket;
  }

  /** At a path of the server; which port that has is the server's business. */
  async listen(socket: Socket, path: string): Promise<void> {
    await socket.listen(`ws://${HOST}${path}`);
  }

  async close(): Promise<void> {
    await Promise.all(this.sockets.map((socket) => socket.close()));
  }
}
