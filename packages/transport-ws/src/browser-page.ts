/**
 * The life of the page around the connections.
 *
 * A page that is left may be kept, and shown again as it was (the back/forward cache); browsers keep none that has a
 * connection open. The rules it guards: at `pagehide` every connection ends in good order, so that peers know at once;
 * while the page is away nothing connects; after `pageshow` dialers go on. Workers have no such events.
 */
import { ConnectionAbortedError } from "@sprocket/core";
import { surroundings } from "./browser-native.js";

/** Something that ends when the page is left. */
export interface PageGuest {
  pageHidden(): void;
}

const guests = new Set<PageGuest>();
let waiting: (() => void)[] = [];
let hidden = false;
let watching = false;

/** From now on until `leave` it hears of the page's end. */
export function join(guest: PageGuest): void {
  if (!watching && surroundings.document !== undefined) {
    watching = true;
    surroundings.addEventListener?.("pagehide", hide);
    surroundings.addEventListener?.("pageshow", show);
  }
  guests.add(guest);
}

export function leave(guest: PageGuest): void {
  guests.delete(guest);
}

/** Calls back when the page is shown: at once, if it is. @returns takes it back */
export function whenShown(callback: () => void): () => void {
  if (!hidden) {
    callback();
    return () => undefined;
  }
  waiting.push(callback);
  return () => {
    waiting = waiting.filter((each) => each !== callback);
  };
}

function hide(): void {
  hidden = true;
  for (const guest of [...guests]) guest.pageHidden();
}

function show(): void {
  hidden = false;
  const ready = waiting;
  waiting = [];
  for (const callback of ready) callback();
}

/** Why a connection has ended, or an attempt to connect. */
export function pageLeft(address: string): Error {
  return new ConnectionAbortedError(
    `The page was left, so its connection to ${address} was closed. Should it be shown again, the dialer dials again.`,
  );
}
