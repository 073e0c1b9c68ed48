/** Publishers and subscribers on a clock and a network in the test's hands. */
import type { Socket, SocketEvent, SocketEventType } from "@sprocket/core";
import { ManualClock, type MockPipe, MockTransport, within } from "@sprocket/testing";
import { onTestFinished } from "vitest";

export function keep<Kind extends { destroy(): void }>(socket: Kind): Kind {
  onTestFinished(() => socket.destroy());
  return socket;
}

/** A socket that listens, and peers that the test plays. */
export class World<Kind extends Socket> {
  readonly clock = new ManualClock();
  readonly mock = new MockTransport();
  readonly socket: Kind;

  constructor(make: (base: { transports: MockTransport[]; clock: ManualClock }) => Kind) {
    this.socket = keep(make({ transports: [this.mock], clock: this.clock }));
  }

  async peer(): Promise<MockPipe> {
    if (this.mock.listeners.size === 0) await this.socket.listen("mock://peers");
    return this.mock.listener("peers").connect();
  }
}

let names = 0;

/** An inproc address that nobody else has. */
export function freshUrl(): string {
  return `inproc://pubsub-test-${++names}`;
}

/** What a reader has right now, as text. */
export function drain(reader: { tryReceive(): Uint8Array | undefined }): string[] {
  const bodies: string[] = [];
  for (let bytes = reader.tryReceive(); bytes !== undefined; bytes = reader.tryReceive())
    bodies.push(new TextDecoder().decode(bytes));
  return bodies;
}

export async function text(promise: Promise<Uint8Array>): Promise<string> {
  return new TextDecoder().decode(await within(5_000, promise, "a message"));
}

export function sent(pipe: MockPipe): string[] {
  return pipe.sent.map((bytes) => new TextDecoder().decode(bytes));
}

export async function failure(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  const outcome = await within(
    5_000,
    promise.then(
      () => undefined,
      (error: unknown) => error,
    ),
    "the rejection",
  );
  if (outcome === undefined) throw new Error("it was expected to reject, and resolved");
  return outcome as Error & { code?: string };
}

export function record<Type extends SocketEventType>(
  socket: Socket,
  ...types: readonly Type[]
): SocketEvent<Type>[] {
  const events: SocketEvent<Type>[] = [];
  for (const type of types) socket.addEventListener(type, (event) => events.push(event as SocketEvent<Type>));
  return events;
}

export async function turns(count = 10): Promise<void> {
  for (let round = 0; round < count; round++) await new Promise<void>((resolve) => setImmediate(resolve));
}
