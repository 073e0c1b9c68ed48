/** Topics of the messages that `deliveries.ts` sends: the kind of the message, and for data six digits. */
import { DATA, END, GREETING, PAUSE } from "./deliveries.js";

const digits = 6;

/** What a subscriber of `count` topics subscribes to: all of them, and all that is no data. */
export function allTopics(count: number): Uint8Array[] {
  const topics = Array.from({ length: count }, (_, at) =>
    withTopic(Uint8Array.of(DATA, ...new Uint8Array(digits)), at),
  );
  return [...topics, ...[GREETING, PAUSE, END].map((kind) => Uint8Array.of(kind))];
}

/** The same message, with the topic of this number if it is data. */
export function withTopic<Bytes extends Uint8Array>(message: Bytes, number: number): Bytes {
  if (message[0] !== DATA) return message;
  let left = number;
  for (let at = digits; at > 0; at--) {
    message[at] = 48 + (left % 10);
    left = Math.floor(left / 10);
  }
  return message;
}
