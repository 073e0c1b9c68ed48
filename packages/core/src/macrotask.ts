/**
 * The next turn of the event loop, as soon as the runtime gives one. Not a microtask: timers and other sockets get
 * their turn first.
 */
import { Fifo } from "./fifo.js";

let channel: MessageChannel | undefined;
const waiting = new Fifo<() => void>();

/** Calls back in a turn of its own. Calls keep their order. */
export function macrotask(callback: () => void): void {
  if (typeof setImmediate === "function") {
    setImmediate(callback);
  } else if (typeof MessageChannel === "function") {
    // Browsers: a timer would be held back to 4 ms, and to a second in a hidden page.
    channel ??= openChannel();
    waiting.push(callback);
    channel.port2.postMessage(undefined);
  } else {
    setTimeout(callback, 0);
  }
}

function openChannel(): MessageChannel {
  const opened = new MessageChannel();
  opened.port1.onmessage = () => waiting.shift()?.();
  return opened;
}
