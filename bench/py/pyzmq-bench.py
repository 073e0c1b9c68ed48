"""Benchmarks on pyzmq. Modes: pair, push (PUSH to PULL), reqrep. The arguments are those of `src/workers/worker.ts`."""

import json
import os
import sys
import threading
import time

import zmq

PARTS = [0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 1]


def end_with_input():
    for _ in sys.stdin:
        pass
    os._exit(0)


def say(line):
    print(line, flush=True)


def body(size):
    return (b"\x01" + bytes(size - 1)) if size > 0 else b""


def receive_all(sock, warm_up, count):
    touched = 0
    started = 0.0
    for seen in range(1, warm_up + count + 1):
        message = sock.recv()
        touched += len(message) + message[0]
        if seen == warm_up:
            started = time.perf_counter()
    seconds = time.perf_counter() - started
    say("result " + json.dumps({"messages": count, "seconds": seconds, "touched": touched}))


def exchange_all(sock, size, warm_up, count):
    message = body(size)
    times = []
    for at in range(warm_up + count):
        started = time.perf_counter()
        sock.send(message)
        sock.recv()
        if at >= warm_up:
            times.append((time.perf_counter() - started) * 1e6)
    times.sort()

    def part(p):
        return times[min(len(times) - 1, int(len(times) * p))]

    curve = [[p, round(part(p), 3)] for p in PARTS]
    say("result " + json.dumps({"p50": part(0.5), "p99": part(0.99), "curve": curve}))


def main():
    if sys.argv[1:] == ["version"]:
        say(f"{zmq.__version__} on libzmq {zmq.zmq_version()}")
        return
    mode, role, url, *numbers = sys.argv[1:]
    size, warm_up, count, _ = map(int, numbers)
    threading.Thread(target=end_with_input, daemon=True).start()
    server = role == "server"
    types = {"pair": (zmq.PAIR, zmq.PAIR), "push": (zmq.PULL, zmq.PUSH), "reqrep": (zmq.REP, zmq.REQ)}
    sock = zmq.Context().socket(types[mode][0 if server else 1])
    if server:
        sock.bind(url)
        say("listening " + sock.getsockopt_string(zmq.LAST_ENDPOINT).rstrip("\0"))
    else:
        sock.connect(url)
    if mode == "reqrep":
        if server:
            while True:
                sock.send(sock.recv())
        exchange_all(sock, size, warm_up, count)
    elif server:
        receive_all(sock, warm_up, count)
    else:
        message = body(size)
        for _ in range(warm_up + count):
            sock.send(message)
    threading.Event().wait()


main()
