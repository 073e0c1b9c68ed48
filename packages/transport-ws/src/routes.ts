/**
 * Which listener a request is for: all paths of one HTTP server, ours or the application's.
 *
 * The rule it guards: of a server that is the application's, only what is plainly ours is taken: a request for one of our
 * paths, and nothing that another handler may be waiting for.
 */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { AddressInUseError } from "@sprocket/core";
import { pathKey, readRequestTarget } from "./address.js";
import type { Door } from "./door.js";
import { answer } from "./door.js";
import { Line } from "./line.js";

export class Routes {
  readonly #doors = new Map<string, Door>();

  get size(): number {
    return this.#doors.size;
  }

  get doors(): readonly Door[] {
    return [...this.#doors.values()];
  }

  /** @throws AddressInUseError */
  add(path: string, door: Door): void {
    const key = pathKey(path);
    if (this.#doors.has(key)) {
      throw new AddressInUseError(
        `Cannot listen at ${door.url}: the address is in use. Close the other listener, or take another path.`,
        { url: door.url.href, operation: "listen" },
      );
    }
    this.#doors.set(key, door);
  }

  remove(door: Door): void {
    for (const [key, each] of this.#doors) if (each === door) this.#doors.delete(key);
  }

  /** The door that a request is for; undefined when there is none, `"malformed"` when it cannot be told. */
  find(request: IncomingMessage): Door | "malformed" | undefined {
    const { url = "" } = request;
    if (!url.startsWith("/")) return "malformed";
    try {
      return this.#doors.get(pathKey(readRequestTarget(url).path));
    } catch {
      return "malformed";
    }
  }
}

/** Answers a request that is for none of our doors. Gives the status. */
export function turnAway(socket: Socket, door: "malformed" | undefined): number {
  const status = door === undefined ? 404 : 400;
  answer(
    new Line(socket),
    status,
    door === undefined ? "nobody listens at this path" : "its path is malformed",
  );
  return status;
}
