/** S3: a mesh under overload, over tcp and ipc. What one node sent, each other node received, or somebody counted. */
import { Bus0 } from "@sprocket/bus";
import { SeededRandom, until } from "@sprocket/testing";
import { expect, test } from "vitest";
import { ipcUrl, keep, transports, turns } from "../support/world.js";
import { ENOUGH, scaled } from "./scale.js";

const NODES = 3;
const EACH = scaled(170_000);
/** A message tells by its length who sent it: a drop event has no more than its bytes. */
const lengthOf = (node: number): number => 64 + node;

class Node {
  readonly number: number;
  readonly bus = keep(new Bus0({ transports, sendBufferBytes: 32 * 1_024 }));
  /** The node at the other end of each pipe. */
  readonly peers = new Map<number, number>();
  /** Messages of each other node that were received, or dropped here. */
  readonly heard = new Array<number>(NODES).fill(0);
  readonly missed = new Array<number>(NODES).fill(0);
  /** Our own messages that were dropped here instead of going to each other node. */
  readonly unsaid = new Array<number>(NODES).fill(0);
  readonly #last = new Array<number>(NODES).fill(-1);

  constructor(number: number) {
    this.number = number;
    this.bus.addEventListener("drop", ({ count, bytes, pipe }) => {
      const peer = this.peers.get(pipe?.id ?? 0) as number;
      const list = bytes === lengthOf(number) ? this.unsaid : this.missed;
      list[peer] = (list[peer] as number) + count;
    });
  }

  async connect(other: Node, url: string): Promise<void> {
    await this.bus.dial(url);
    await other.bus.waitForPipes(other.peers.size + 1);
    this.peers.set([...this.bus.pipes].at(-1)?.id ?? 0, other.number);
    other.peers.set([...other.bus.pipes].at(-1)?.id ?? 0, this.number);
  }

  async read(pause: () => number): Promise<void> {
    for await (const message of this.bus.messages()) {
      const from = message.length - lengthOf(0);
      const count = new DataView(message.body.buffer, message.body.byteOffset).getUint32(0);
      if (this.peers.get(message.pipe?.id ?? 0) !== from)
        throw new Error(`${from} was heard on a pipe of another`);
      if (count <= (this.#last[from] as number))
        throw new Error(`${from} said ${count} after ${this.#last[from]}`);
      this.#last[from] = count;
      this.heard[from] = (this.heard[from] as number) + 1;
      const rest = pause();
      if (rest > 0) await turns(rest);
    }
  }

  async talk(random: SeededRandom): Promise<void> {
    const body = new Uint8Array(lengthOf(this.number));
    const view = new DataView(body.buffer);
    for (let count = 0; count < EACH; count++) {
      view.setUint32(0, count);
      this.bus.trySend(body);
      // Usually as the others can follow, now and then far too fast.
      if (count % 50 === 0 && !random.chance(0.05)) await turns(1);
    }
  }

  /** What became of the messages of another node. */
  account(from: Node): number {
    const { number } = from;
    return (
      (this.heard[number] as number) + (this.missed[number] as number) + (from.unsaid[this.number] as number)
    );
  }
}

test(
  `S3: a mesh of ${NODES} in which each says ${EACH} things: heard and dropped are what was said`,
  async () => {
    const random = new SeededRandom(23);
    const nodes = Array.from({ length: NODES }, (_, number) => new Node(number));
    for (const node of nodes) {
      const { url } = await node.bus.listen(node.number % 2 === 0 ? "tcp://127.0.0.1:0" : ipcUrl());
      for (const later of nodes.slice(node.number + 1)) await later.connect(node, url);
    }
    // One that keeps up, one that naps, one that is always behind.
    const pauses = [() => 0, () => (random.chance(0.001) ? 10 : 0), () => 1];
    const readers = nodes.map((node, at) => node.read(pauses[at] as () => number));
    await Promise.all(nodes.map((node) => node.talk(random)));
    for (const node of nodes) {
      for (const from of nodes) {
        if (from === node) continue;
        await until(
          () => node.account(from) >= EACH,
          `the account of node ${node.number} with node ${from.number}`,
          30_000,
        );
      }
    }
    await turns();
    for (const node of nodes) {
      const accounts = nodes.map((from) => (from === node ? 0 : node.account(from)));
      expect(accounts).toEqual(nodes.map((from) => (from === node ? 0 : EACH)));
      // Nobody hears himself.
      expect(node.heard[node.number]).toBe(0);
    }
    const lost = nodes.map((node) => node.missed.concat(node.unsaid).reduce((sum, count) => sum + count, 0));
    expect(Math.max(...lost)).toBeGreaterThan(0);
    for (const { bus } of nodes) bus.destroy();
    await Promise.all(readers);
  },
  ENOUGH,
);
