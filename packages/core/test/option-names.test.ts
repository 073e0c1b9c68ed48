import { describe, expect, test } from "vitest";
import { otherName, placedElsewhere } from "../src/option-names.js";

const names = [
  "name",
  "receiveTimeout",
  "sendTimeout",
  "receiveMaxSize",
  "receiveBufferSize",
  "sendBufferSize",
  "sendBufferBytes",
  "reconnectTimeMin",
  "reconnectTimeMax",
  "handshakeTimeout",
  "closeTimeout",
  "maxConnections",
  "acceptPipe",
  "ttlMax",
  "polyamorous",
  "resendTime",
  "surveyTime",
  "topics",
  "transports",
];

describe("did you mean", () => {
  test.each([
    // pynng
    ["recv_timeout", "receiveTimeout"],
    ["send_timeout", "sendTimeout"],
    ["recv_max_size", "receiveMaxSize"],
    ["recv_buffer_size", "receiveBufferSize"],
    ["send_buffer_size", "sendBufferSize"],
    ["reconnect_time_min", "reconnectTimeMin"],
    ["reconnect_time_max", "reconnectTimeMax"],
    ["resend_time", "resendTime"],
    ["survey_time", "surveyTime"],
    ["ttl_max", "ttlMax"],
    // nng
    ["recv-timeout", "receiveTimeout"],
    ["recv-size-max", "receiveMaxSize"],
    ["recv-buffer", "receiveBufferSize"],
    ["send-buffer", "sendBufferSize"],
    ["req:resend-time", "resendTime"],
    ["surveyor:survey-time", "surveyTime"],
    ["pair1:polyamorous", "polyamorous"],
    ["ttl-max", "ttlMax"],
    ["socket-name", "name"],
    // another order, another way of writing, units
    ["recvTimeout", "receiveTimeout"],
    ["recvMaxSize", "receiveMaxSize"],
    ["receiveSizeMax", "receiveMaxSize"],
    ["maxReceiveSize", "receiveMaxSize"],
    ["reconnectMinTime", "reconnectTimeMin"],
    ["maxTtl", "ttlMax"],
    ["maxHops", "ttlMax"],
    ["RECEIVE_TIMEOUT", "receiveTimeout"],
    ["receiveTimeoutMs", "receiveTimeout"],
    ["poly", "polyamorous"],
    ["linger", "closeTimeout"],
    ["maximumConnections", "maxConnections"],
    // a slip of the finger
    ["recieveTimeout", "receiveTimeout"],
    ["receivetimeout", "receiveTimeout"],
    ["sendTimeuot", "sendTimeout"],
    ["topic", "topics"],
    ["nam", "name"],
    ["surveyTim", "surveyTime"],
    ["transport", "transports"],
  ])("%s → %s", (given, meant) => {
    expect(otherName(given, names)).toBe(meant);
  });

  test.each(["speed", "x", "", "__proto__", "constructor", "no", "timeout", "x".repeat(100_000)])(
    "says nothing about %s",
    (given) => {
      expect(otherName(given, names)).toBeUndefined();
    },
  );

  test("names only options that there are", () => {
    expect(otherName("poly", ["name"])).toBeUndefined();
    expect(otherName("recv_timeout", [])).toBeUndefined();
  });
});

describe("what is given elsewhere", () => {
  test.each([
    ["block_on_dial", 'dial(url, { mode: "connect" })'],
    ["listen", "socket.listen(url)"],
    ["dial", "socket.dial(url)"],
    ["tcp_nodelay", "tcp({ noDelay: true })"],
    ["noDelay", "tcp({ noDelay: true })"],
    ["tcpKeepalive", "tcp({ keepAlive: true })"],
    ["keepAlive", "tcp({ keepAlive: true })"],
    ["ipc:permissions", "ipc({ permissions: 0o660 })"],
    ["tls_config", "tls({ ... })"],
    ["raw", "RawReq0"],
    ["recv_fd", "socket.readable"],
    ["send-fd", "socket.writable"],
  ])("%s: %s", (given, hint) => {
    expect(otherName(given, names)).toBeUndefined();
    expect(placedElsewhere(given)).toContain(hint);
  });

  test.each(["speed", "", "constructor", "__proto__", "x".repeat(100_000)])("nothing for %s", (given) => {
    expect(placedElsewhere(given)).toBeUndefined();
  });
});
