/**
 * Where an error goes that a callback of the application threw and nobody waits for: to the runtime, as for an event
 * listener that throws. It must not unwind through core, whose state would be left half changed.
 */
export function reportUncaught(error: unknown): void {
  if (typeof reportError === "function") {
    reportError(error);
    return;
  }
  // Node has none. Rethrowing outside would end the process for one bad listener, so say it as loudly as that allows.
  console.error("Uncaught error in a callback of a Sprocket socket:", error);
}
