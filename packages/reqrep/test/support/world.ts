/** A REQ or REP on a clock and a network in the test's hands. */
import type { Socket, SocketEvent, SocketEventType } from "@sprocket/core";
import { hex, ManualClock, type MockPipe, MockTransport, u32, within } from "@sprocket/testing";
import { onTestFinished } from "vitest";
import { Rep0, type Rep0Options, Req0, type Req0Options } from "../../src/index.js";

export function keep<Kind extends { destroy(): void }>(socket: Kind): Kind {
  onTestFinished(() => socket.destroy());
  return socket;
}

/** A requester; `peer()` connects one more replier, played by the test. */
export class ReqWorld {
  readonly clock: ManualClock;
  readonly mock = new MockTransport();
  readonly req: Req0;

  constructor(options: Req0Options = {}, random: readonly number[] = []) {
    this.clock = new ManualClock({ random });
    this.req = keep(new Req0({ transports: [this.mock], clock: this.clock, ...options }));
  }

  async peer(): Promise<MockPipe> {
    const count = this.req.pipes.size;
    await this.req.dial("mock://replier", { mode: "background" });
    const pipe = (await this.mock.nextDial()).accept();
    await this.req.waitForPipes(count + 1);
    return pipe;
  }
}

/** A replier; `peer()` connects one more requester, played by the test. */
export class RepWorld {
  readonly clock = new ManualClock();
  readonly mock = new MockTransport();
  readonly rep: Rep0;
  #listening = false;

  constructor(options: Rep0Options = {}) {
    this.rep = keep(new Rep0({ transports: [this.mock], clock: this.clock, ...options }));
  }

  async peer(): Promise<MockPipe> {
    if (!this.#listening) await this.rep.listen("mock://requesters");
    this.#listening = true;
    return this.mock.listener("requesters").connect();
  }
}

/** Id and payload of a request or a reply as it travels. */
export function parse(bytes: Uint8Array): { id: number; body: string } {
  return {
    id: new DataView(bytes.buffer, bytes.byteOffset).getUint32(0),
    body: new TextDecoder().decode(bytes.subarray(4)),
  };
}

/** The answer to a request that was captured. */
export function answer(pipe: MockPipe, request: Uint8Array | undefined, body: string): void {
  pipe.deliver((request as Uint8Array).subarray(0, 4), body);
}

/** A request with this number as its id. */
export function ask(pipe: MockPipe, number: number, body: string): void {
  pipe.deliver(u32(0x8000_0000 + number), body);
}

export async function text(promise: Promise<Uint8Array>): Promise<string> {
  return new TextDecoder().decode(await within(5_000, promise, "a message"));
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

export { hex };
