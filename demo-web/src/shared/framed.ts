/** JSON and bytes in one message: a topic, one line of JSON, then what follows the line break. */

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const LINE_BREAK = 10;

export function frame(head: string, bytes: Uint8Array): Uint8Array {
  const line = encoder.encode(`${head}\n`);
  const whole = new Uint8Array(line.length + bytes.length);
  whole.set(line);
  whole.set(bytes, line.length);
  return whole;
}

export function unframe(message: Uint8Array): { head: string; bytes: Uint8Array } | undefined {
  const end = message.indexOf(LINE_BREAK);
  if (end < 0) return undefined;
  return { head: decoder.decode(message.subarray(0, end)), bytes: message.subarray(end + 1) };
}
