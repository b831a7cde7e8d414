"""The Lambda Runtime API for one start of one function: hands out one event, takes its answer, and says when."""

import json
import os
import selectors
import signal
import socket
import time

from aws_stub import read_request

PATIENCE_SECONDS = 20
DEADLINE_MS = 4102444800000


class Failed(Exception):
    """The function did not answer as it should."""


def once(command, environment, event):
    """Starts the function, gives it the event, and ends it: (milliseconds to its answer, peak RSS in KiB, answer)."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    environment = {**environment, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}"}
    quiet = os.open(os.devnull, os.O_WRONLY)
    actions = [(os.POSIX_SPAWN_DUP2, quiet, 1), (os.POSIX_SPAWN_DUP2, quiet, 2)]
    began = time.perf_counter_ns()
    child = os.posix_spawn(command[0], command, environment, file_actions=actions)
    try:
        answered_at, rss_kib, answer = serve(listener, json.dumps(event).encode(), child)
        return (answered_at - began) / 1e6, rss_kib, answer
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(quiet)
        listener.close()


def serve(listener, event, child):
    """Until the answer has come whole: (when, the child's peak RSS, answer). Memory is read while its connection
    is open: without one the function would end itself.
    """
    waiting = selectors.DefaultSelector()
    waiting.register(listener, selectors.EVENT_READ)
    given = False
    try:
        while True:
            ready = waiting.select(PATIENCE_SECONDS)
            if not ready:
                raise Failed(f"no answer within {PATIENCE_SECONDS} seconds")
            for key, _ in ready:
                if key.fileobj is listener:
                    caller, _ = listener.accept()
                    caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    waiting.register(caller, selectors.EVENT_READ)
                    continue
                request = read_request(key.fileobj)
                if request is None:
                    waiting.unregister(key.fileobj)
                    key.fileobj.close()
                    continue
                line, _, body = request
                if "/invocation/next" in line:
                    if not given:
                        key.fileobj.sendall(next_answer(event))
                        given = True
                elif "/response" in line:
                    return time.perf_counter_ns(), peak_rss_kib(child), body
                elif "/error" in line:
                    raise Failed(f"{line}: {body[:300]!r}")
                else:
                    raise Failed(f"the Runtime API knows no {line}")
    finally:
        for key in list(waiting.get_map().values()):
            if key.fileobj is not listener:
                key.fileobj.close()
        waiting.close()


def next_answer(event):
    head = (
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
        "lambda-runtime-aws-request-id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n"
        f"lambda-runtime-deadline-ms: {DEADLINE_MS}\r\n"
        "lambda-runtime-invoked-function-arn: arn:aws:lambda:us-east-1:123456789012:function:bench\r\n"
        f"content-length: {len(event)}\r\n\r\n"
    )
    return head.encode() + event


def peak_rss_kib(process):
    """Of this program only: what `wait4` tells also holds what the parent was when it was forked."""
    with open(f"/proc/{process}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    raise Failed("the function ended before its memory was read")
