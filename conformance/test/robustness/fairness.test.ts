/** E1, R1: nobody starves, and nobody storms. */
import { Pair1 } from "@sprocket/pair";
import { Rep0, Req0 } from "@sprocket/reqrep";
import { concat, hex, ManualClock, MockTransport, protocolNumbers, until } from "@sprocket/testing";
import { expect, test } from "vitest";
import { keep, rawPeer, text, transports } from "../support/world.js";

/** Milliseconds that this process has worked. What others do on the machine meanwhile does not count. */
function worked(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

test("E1: beside a peer that floods, another peer's round trips and the timers stay quick", async () => {
  const rep = keep(new Rep0({ transports }));
  const { url } = await rep.listen("tcp://127.0.0.1:0");
  const flooded = keep(new Pair1({ transports, polyamorous: true, receiveBufferSize: 1_000 }));
  const { url: floodUrl } = await flooded.listen("tcp://127.0.0.1:0");
  rep.serve((request) => request.copy());
  let received = 0;
  const reading = (async () => {
    for await (const _ of flooded) received++;
  })();
  const flooder = await rawPeer(floodUrl, protocolNumbers.pair1);
  const batch = concat(...Array.from({ length: 2_000 }, () => flooder.frame(hex("00000001 666c6f6f64"))));
  let flooding = true;
  const flood = (async () => {
    while (flooding) {
      await flooder.send(batch);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  })();
  const req = keep(new Req0({ transports }));
  await req.dial(url);
  const trips: number[] = [];
  const lags: number[] = [];
  let tick = worked();
  const metronome = setInterval(() => {
    const now = worked();
    lags.push(now - tick);
    tick = now;
  }, 5);
  for (let count = 0; count < 300; count++) {
    const begun = worked();
    expect(await text(req.request("ping"))).toBe("ping");
    trips.push(worked() - begun);
  }
  clearInterval(metronome);
  flooding = false;
  await flood;
  flooded.destroy();
  await reading;
  expect(received).toBeGreaterThan(10_000);
  const sorted = (values: number[]): number[] => [...values].sort((a, b) => a - b);
  // Everything shares one thread, which the flood keeps at work: the middle is what fairness decides.
  expect(sorted(trips)[Math.floor(trips.length * 0.5)]).toBeLessThan(50);
  expect(sorted(lags)[Math.floor(lags.length * 0.5)]).toBeLessThan(50);
}, 60_000);

test("E1: a flood in one process does not keep the event loop from turning", async () => {
  const left = keep(new Pair1({ receiveBufferSize: 8_192 }));
  const right = keep(new Pair1());
  await left.listen("inproc://flood");
  await right.dial("inproc://flood");
  let turns = 0;
  let running = true;
  const counter = (): void => {
    turns++;
    if (running) setImmediate(counter);
  };
  setImmediate(counter);
  const receiving = (async () => {
    for (let count = 0; count < 200_000; count++) await left.receive();
  })();
  for (let count = 0; count < 200_000; count++) await right.send("x");
  await receiving;
  running = false;
  expect(turns).toBeGreaterThan(20);
}, 30_000);

test("E1: a pair at full speed both ways lets the event loop turn after a bounded number of messages", async () => {
  const size = 64;
  const count = 100_000;
  // What a connection may hold, and what it delivers before it lets go; with room for what was already under way.
  const mostSent = 2 * Math.ceil((1024 * 1024) / (size + 8));
  const mostReceived = 2 * 1_024;
  const left = keep(new Pair1({ transports }));
  const right = keep(new Pair1({ transports }));
  const { url } = await left.listen("tcp://127.0.0.1:0");
  await right.dial(url);
  await left.waitForPipes(1);

  const ends = [left, right].map((socket) => ({ socket, sent: 0, received: 0 }));
  let running = true;
  const inOneTurn = { sent: 0, received: 0 };
  const turn = (): void => {
    for (const end of ends) {
      inOneTurn.sent = Math.max(inOneTurn.sent, end.sent);
      inOneTurn.received = Math.max(inOneTurn.received, end.received);
      end.sent = end.received = 0;
    }
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  await Promise.all(
    ends.flatMap((end) => [
      (async () => {
        const body = new Uint8Array(size);
        for (let left = count; left > 0; left--) {
          if (!end.socket.trySend(body)) await end.socket.send(body);
          end.sent++;
        }
      })(),
      (async () => {
        for (let left = count; left > 0; ) {
          const batch = await end.socket.receiveBatch(256);
          left -= batch.length;
          end.received += batch.length;
        }
      })(),
    ]),
  );
  running = false;
  expect(inOneTurn.sent).toBeGreaterThan(0);
  expect(inOneTurn.sent).toBeLessThanOrEqual(mostSent);
  expect(inOneTurn.received).toBeGreaterThan(0);
  expect(inOneTurn.received).toBeLessThanOrEqual(mostReceived);
}, 30_000);

test("R1: 100 dialers whose listener was down come back spread out, each within twice its longest delay", async () => {
  const clock = new ManualClock({ seed: 5 });
  const mock = new MockTransport();
  const reqs = Array.from({ length: 100 }, () => keep(new Req0({ transports: [mock], clock })));
  for (const req of reqs) {
    await req.dial("mock://service", { mode: "background", reconnectTimeMin: 100, reconnectTimeMax: 5_000 });
  }
  const attempts: number[] = [];
  let seen = 0;
  const answer = (up: boolean): void => {
    for (; seen < mock.attempts.length; seen++) {
      attempts.push(clock.now());
      if (up) mock.attempts[seen]?.accept();
      else mock.attempts[seen]?.refuse();
    }
  };
  answer(false);
  for (let ms = 0; ms < 20_000; ms += 100) {
    await clock.advanceAsync(100);
    answer(false);
  }
  // By now the delays are drawn from 5 s: in no tenth of a second does more than a tenth of them knock.
  const late = attempts.filter((at) => at > 10_000);
  const windows = new Map<number, number>();
  for (const at of late) windows.set(Math.floor(at / 100), (windows.get(Math.floor(at / 100)) ?? 0) + 1);
  expect(Math.max(...windows.values())).toBeLessThanOrEqual(12);
  const back = clock.now();
  while (reqs.some((req) => req.pipes.size === 0)) {
    await clock.advanceAsync(100);
    answer(true);
    expect(clock.now() - back).toBeLessThanOrEqual(10_000);
  }
  await until(() => reqs.every((req) => req.pipes.size === 1), "everyone to be back");
}, 60_000);
