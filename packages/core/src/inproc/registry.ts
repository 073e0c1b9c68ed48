/**
 * Which inproc names are bound: one table for the realm, shared by every copy of core in it, so that an application whose
 * packages brought two copies still finds its own sockets. What it holds is therefore plain data and functions.
 */

/** One end of an inproc link, as the other end sees it. */
export interface InprocEnd {
  /** The SP number of its socket. */
  readonly protocol: number;
  /**
   * Takes a message. False: taken, but as many bytes as the sender allows wait here, and `drained` will follow.
   * @param own the body lies in a buffer of just its size
   */
  deliver(header: Uint8Array, body: Uint8Array, highWaterBytes: number, own?: boolean): boolean;
  /** There is room at the receiver again. */
  drained(): void;
  /** The other side has closed; with an error: at once, dropping what waits. */
  gone(error: Error | undefined): void;
}

export interface InprocListenerEntry {
  /** Gives the listener's end of a new link to `end`. @throws Error when it refuses */
  connect(end: InprocEnd): InprocEnd;
}

const key = Symbol.for("sprocket.inproc.v1");
const realm = globalThis as unknown as { [key]?: Map<string, InprocListenerEntry> };

export function names(): Map<string, InprocListenerEntry> {
  realm[key] ??= new Map();
  return realm[key];
}
