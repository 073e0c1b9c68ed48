/** HTTP and WebSocket by hand, on a raw connection: requests, answers and frames that may break any rule. */
import { createHash } from "node:crypto";
import type { RawPeer } from "@sprocket/testing";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

export interface RawFrame {
  readonly fin: boolean;
  readonly opcode: number;
  readonly masked: boolean;
  readonly body: Buffer;
}

/** How a frame is to be, where it is not to be as it should. */
export interface FrameOptions {
  readonly fin?: boolean;
  readonly opcode?: number;
  readonly rsv?: number;
  readonly mask?: boolean;
  /** Bytes that say the length: 0 (in the second byte), 2 or 8. Default: as few as it takes. */
  readonly lengthBytes?: 0 | 2 | 8;
  /** A length that is not that of the body. */
  readonly length?: bigint;
}

export function frame(body: Uint8Array | string = "", options: FrameOptions = {}): Buffer {
  const bytes = Buffer.from(body as string);
  const { fin = true, opcode = 2, rsv = 0, mask = true } = options;
  const length = options.length ?? BigInt(bytes.length);
  const lengthBytes = options.lengthBytes ?? (length < 126n ? 0 : length < 65536n ? 2 : 8);
  const head = Buffer.alloc(2 + lengthBytes);
  head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  head[1] = (mask ? 0x80 : 0) | (lengthBytes === 0 ? Number(length) : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) head.writeUInt16BE(Number(length), 2);
  if (lengthBytes === 8) head.writeBigUInt64BE(length, 2);
  if (!mask) return Buffer.concat([head, bytes]);
  const key = Buffer.from([1, 2, 3, 4]);
  return Buffer.concat([head, key, bytes.map((byte, at) => byte ^ (key[at & 3] as number))]);
}

/** The answer to a request: its status and its headers by lower-case name. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export class RawWs {
  readonly peer: RawPeer;
  readonly path: string;
  readonly host: string;

  constructor(peer: RawPeer, url: string) {
    const { pathname, host } = new URL(url.replace(/^ws[46]/, "ws").replace(/^wss[46]/, "wss"));
    this.peer = peer;
    this.path = pathname;
    this.host = host;
  }

  /** Headers of a request that is right; undefined leaves one out, an array repeats it. */
  static headers(
    host: string,
    changes: Readonly<Record<string, string | readonly string[] | undefined>> = {},
  ): string[] {
    const headers = {
      Host: host,
      Upgrade: "websocket",
      Connection: "Upgrade",
      "Sec-WebSocket-Key": KEY,
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Protocol": "pair.sp.nanomsg.org",
      ...changes,
    };
    return Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [value].flat().map((each) => `${name}: ${each}`),
    );
  }

  /** Sends a request. */
  async request(
    changes: Readonly<Record<string, string | readonly string[] | undefined>> = {},
    { line = `GET ${this.path} HTTP/1.1`, after = "" as Uint8Array | string } = {},
  ): Promise<void> {
    const text = [line, ...RawWs.headers(this.host, changes), "", ""].join("\r\n");
    await this.peer.send(Buffer.concat([Buffer.from(text), Buffer.from(after as string)]));
  }

  /** Sends a request and gives the answer. */
  async ask(...request: Parameters<RawWs["request"]>): Promise<RawAnswer> {
    await this.request(...request);
    return this.readAnswer();
  }

  /** Becomes a WebSocket. */
  async upgrade(subprotocol = "pair.sp.nanomsg.org", after: Uint8Array | string = ""): Promise<RawAnswer> {
    const answer = await this.ask({ "Sec-WebSocket-Protocol": subprotocol }, { after });
    if (answer.status !== 101) throw new Error(`refused with ${answer.status}: ${answer.body}`);
    return answer;
  }

  async readAnswer(): Promise<RawAnswer> {
    const [first = "", ...lines] = (await this.readHead()).split("\r\n");
    const headers = Object.fromEntries(
      lines.map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const body = Buffer.from(await this.peer.readExactly(Number(headers["content-length"] ?? 0))).toString();
    return { status: Number(first.split(" ")[1]), headers, body };
  }

  /** As a listener: the request, up to its empty line. */
  async readHead(): Promise<string> {
    let text = "";
    while (!text.endsWith("\r\n\r\n")) text += String.fromCharCode(...(await this.peer.readExactly(1)));
    return text.slice(0, -4);
  }

  /** As a listener: reads the request and lets it in, or says what `changes` say. */
  async welcome(
    changes: Readonly<Record<string, string | undefined>> = {},
    { status = "101 Switching Protocols", after = "" as Uint8Array | string } = {},
  ): Promise<string> {
    const request = await this.readHead();
    const key = /^sec-websocket-key: (.*)$/im.exec(request)?.[1] ?? "";
    const protocol = /^sec-websocket-protocol: (.*)$/im.exec(request)?.[1] ?? "";
    const headers = {
      Upgrade: "websocket",
      Connection: "Upgrade",
      "Sec-WebSocket-Accept": createHash("sha1")
        .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest("base64"),
      "Sec-WebSocket-Protocol": protocol,
      ...changes,
    };
    const lines = Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}: ${value}`],
    );
    await this.peer.send(
      Buffer.concat([
        Buffer.from([`HTTP/1.1 ${status}`, ...lines, "", ""].join("\r\n")),
        Buffer.from(after as string),
      ]),
    );
    return request;
  }

  async readFrame(): Promise<RawFrame> {
    const [first = 0, second = 0] = await this.peer.readExactly(2);
    let length = second & 0x7f;
    if (length === 126) length = Buffer.from(await this.peer.readExactly(2)).readUInt16BE();
    else if (length === 127) length = Number(Buffer.from(await this.peer.readExactly(8)).readBigUInt64BE());
    const masked = second >= 0x80;
    const key = masked ? await this.peer.readExactly(4) : new Uint8Array(4);
    const body = Buffer.from(await this.peer.readExactly(length)).map(
      (byte, at) => byte ^ (key[at & 3] as number),
    );
    return { fin: first >= 0x80, opcode: first & 0xf, masked, body: Buffer.from(body) };
  }

  /** The code of the close frame that comes next. */
  async readClose(): Promise<number> {
    const { opcode, body } = await this.readFrame();
    if (opcode !== 8) throw new Error(`a frame with opcode ${opcode} came, not a close`);
    return body.length < 2 ? 1005 : body.readUInt16BE();
  }

  send(...frames: readonly Uint8Array[]): Promise<void> {
    return this.peer.send(...frames);
  }
}
