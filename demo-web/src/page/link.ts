/** One socket of this tab, its one dialer, and what there is to show of them. Runs on the page and in its worker. */
import type { Socket, SocketStats } from "@sprocket/core";
import { ws } from "@sprocket/transport-ws";
import { PATHS, type Place } from "../shared/paths.js";

/** `"off"`: closed by the viewer. */
export type LinkState = "off" | "connecting" | "connected" | "waiting";

/** As plain data, so that a worker can post it. */
export interface LinkReport {
  readonly place: Place;
  /** The class of the socket. */
  readonly kind: string;
  readonly url: string;
  readonly state: LinkState;
  /** `Date.now()` of the next attempt, while `waiting`. */
  readonly retryAt: number;
  readonly stats: SocketStats | undefined;
}

/**
 * What every socket of the page is given. A server that comes back is found within three seconds, and not by all tabs in the
 * same moment: a dialer waits for a random part of its delay.
 */
export function socketOptions(name: string) {
  return {
    name,
    transports: [ws()],
    reconnectTimeMin: 500,
    reconnectTimeMax: 2_500,
    handshakeTimeout: 5_000,
  };
}

/** Where a place is dialled: at the server that the page came from. */
export function urlOf(place: Place): string {
  return `ws://${location.host}${PATHS[place]}`;
}

export class Link<S extends Socket> {
  readonly socket: S;
  readonly place: Place;
  readonly kind: string;
  #state: LinkState = "connecting";
  #retryAt = 0;
  readonly #changed: () => void;

  /** Dials at once. `changed` is called whenever the state is another. */
  constructor(kind: string, place: Place, socket: S, changed: () => void) {
    this.kind = kind;
    this.place = place;
    this.socket = socket;
    this.#changed = changed;
    socket.addEventListener("connecting", () => this.#become("connecting"));
    socket.addEventListener("connected", () => this.#become("connected"));
    socket.addEventListener("reconnecting", ({ delay }) => this.#become("waiting", Date.now() + delay));
    socket.addEventListener("closing", () => this.#become("off"));
    // In the background: the page does not wait for anything, and says what it is waiting for.
    void socket.dial(urlOf(place), { mode: "background" });
  }

  get state(): LinkState {
    return this.#state;
  }

  report(): LinkReport {
    return {
      place: this.place,
      kind: this.kind,
      url: urlOf(this.place),
      state: this.#state,
      retryAt: this.#retryAt,
      stats: this.socket.stats(),
    };
  }

  #become(state: LinkState, retryAt = 0): void {
    this.#state = state;
    this.#retryAt = retryAt;
    this.#changed();
  }
}
