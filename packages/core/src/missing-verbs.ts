/**
 * Verbs that a socket or a context does not have. They do not compile; from JavaScript they say why they are not there,
 * instead of "is not a function".
 */
import { unsupported } from "./operation-queue.js";

/** Whose verbs they are, and who has them. */
interface Names {
  readonly className: string;
  readonly peerClassName: string;
}

/** Puts a refusal for every verb on `prototype`; classes that are entitled to some define them anew. */
export function missingVerbs<Owner extends object>(prototype: Owner, names: (owner: Owner) => Names): void {
  const refusal = (owner: Owner, verb: string): Error => {
    const { className, peerClassName } = names(owner);
    return unsupported(className, verb, peerClassName);
  };
  const hide = (name: PropertyKey, value: (this: Owner) => unknown): void => {
    Object.defineProperty(prototype, name, { value, configurable: true, writable: true });
  };
  for (const verb of ["send", "receive", "receiveMessage", "receiveBatch"]) {
    hide(verb, function () {
      return Promise.reject(refusal(this, verb));
    });
  }
  for (const verb of ["trySend", "tryReceive", "tryReceiveMessage", "messages"]) {
    hide(verb, function () {
      throw refusal(this, verb);
    });
  }
  hide(Symbol.asyncIterator, function () {
    throw refusal(this, "receive");
  });
}
