/**
 * Waiting for what should happen, and failing with words when it does not. The only place where tests use real time;
 * a deadline is a limit for broken code, never a pause for working code.
 */

/** The outcome of `promise`, or an error that names what was awaited when `ms` pass first. */
export function within<T>(ms: number, promise: PromiseLike<T>, what: string): Promise<T> {
  // Made here for its stack: it points at the test that waited.
  const late = new Error(`${what}: nothing within ${ms} ms`);
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(late), ms);
    promise.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

/** Turns the event loop until `condition` holds. For facts that have no event; where there is one, await it. */
export async function until(condition: () => boolean, what: string, ms = 10_000): Promise<void> {
  const end = performance.now() + ms;
  const late = new Error(`${what}: not true within ${ms} ms`);
  while (!condition()) {
    if (performance.now() > end) throw late;
    await new Promise<void>((resolve) => setTimeout(resolve, 1));
  }
}

/** True when `promise` is still open after the event loop has turned a few times. */
export async function isPending(promise: PromiseLike<unknown>): Promise<boolean> {
  let settled = false;
  const settle = (): void => {
    settled = true;
  };
  promise.then(settle, settle);
  for (let round = 0; round < 5 && !settled; round++)
    await new Promise<void>((resolve) => setImmediate(resolve));
  return !settled;
}
