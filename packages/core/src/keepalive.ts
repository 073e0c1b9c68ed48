/**
 * What keeps a process alive. Transports never do: their handles are unref'd. Sockets that have an endpoint, a pipe or a
 * pending operation hold this one timer of the realm instead, so that the rule is the same for every transport (inproc
 * has no handle at all) and `unref()` is one step.
 */

const LONG = 2 ** 30;
let holders = 0;
let timer: ReturnType<typeof setInterval> | undefined;

export function hold(): void {
  if (holders++ === 0) timer = setInterval(() => undefined, LONG);
}

export function release(): void {
  if (--holders === 0 && timer !== undefined) {
    clearInterval(timer);
    timer = undefined;
  }
}
