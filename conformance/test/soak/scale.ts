/** How long the soak tests are: seconds at the gate, `SPROCKET_SOAK` times as much where there is a night. */

const factor = Number(process.env.SPROCKET_SOAK ?? 1);

/** So many at the gate. */
export function scaled(count: number): number {
  return Math.round(count * factor);
}

/** ms that only broken code needs. */
export const ENOUGH = 120_000 * Math.max(1, factor);

export const MIB = 1_048_576;
