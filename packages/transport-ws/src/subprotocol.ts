/**
 * The word by which both sides of a WebSocket know that they speak the same protocol (reference 1.5): it names the
 * protocol of the listening side.
 */
import type { ProtocolInfo } from "@sprocket/core/plugin";

const SUFFIX = ".sp.nanomsg.org";

/** What a socket of this protocol asks for as a dialer, or answers to as a listener. */
export function subprotocolFor(protocol: ProtocolInfo, role: "dial" | "listen"): string {
  return `${role === "dial" ? protocol.peerName : protocol.name}${SUFFIX}`;
}

/** Is it the word of some Scalability Protocol? */
export function isSpSubprotocol(token: string): boolean {
  return token.toLowerCase().endsWith(SUFFIX);
}

/**
 * The tokens of a `Sec-WebSocket-Protocol` header, in their order; undefined when it is malformed. By index and in one
 * pass: the header is a stranger's.
 */
export function readSubprotocols(header: string): readonly string[] | undefined {
  const tokens: string[] = [];
  for (const part of header.split(",")) {
    const token = part.trim();
    if (!/^[!#$%&'*+\-.^_`|~\w]+$/.test(token)) return undefined;
    tokens.push(token);
  }
  return tokens;
}
