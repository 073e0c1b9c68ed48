/** A tcp port below those that the system gives away, at which nobody listens. */
export function freePort(): Promise<number>;
