/**
 * A set of topics, and the question whether a message begins with one of them. A tree by bytes, walked in a loop (topics
 * come from applications, but their depth may come from anyone): the answer costs at most as many steps as the longest
 * topic that the message matches so far, however many topics there are.
 */

interface Node {
  /** A topic ends here. */
  topic: boolean;
  next: Map<number, Node> | undefined;
}

export class Topics {
  #root: Node = { topic: false, next: undefined };
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** False: it was there already. */
  add(topic: Uint8Array): boolean {
    let node = this.#root;
    for (const byte of topic) {
      node.next ??= new Map();
      let next = node.next.get(byte);
      if (next === undefined) {
        next = { topic: false, next: undefined };
        node.next.set(byte, next);
      }
      node = next;
    }
    if (node.topic) return false;
    node.topic = true;
    this.#size++;
    return true;
  }

  /** False: it was not there. */
  delete(topic: Uint8Array): boolean {
    const path: Node[] = [this.#root];
    for (const byte of topic) {
      const next = (path.at(-1) as Node).next?.get(byte);
      if (next === undefined) return false;
      path.push(next);
    }
    const last = path.at(-1) as Node;
    if (!last.topic) return false;
    last.topic = false;
    this.#size--;
    // Branches that lead to no topic any more go.
    for (let depth = topic.length; depth > 0; depth--) {
      const node = path[depth] as Node;
      if (node.topic || (node.next?.size ?? 0) > 0) break;
      (path[depth - 1] as Node).next?.delete(topic[depth - 1] as number);
    }
    return true;
  }

  /** Does the message, `bytes[start..end)`, begin with a topic? The empty topic matches everything. */
  matches(bytes: Uint8Array, start = 0, end = bytes.length): boolean {
    let node: Node | undefined = this.#root;
    for (let at = start; node !== undefined; at++) {
      if (node.topic) return true;
      if (at === end) return false;
      node = node.next?.get(bytes[at] as number);
    }
    return false;
  }
}
