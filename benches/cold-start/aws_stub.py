"""The part of AWS that the functions call, over TLS on the loopback, counting every call.

Runs as a process of its own, so that it shares no interpreter with the one that measures. What it answers is
fixed: a table that is empty but for one invitation and its team, one secret, and mail that is always taken.
"""

import base64
import json
import multiprocessing
import socket
import ssl
import threading

OPERATIONS = ("GetItem", "Query", "PutItem", "TransactWriteItems", "GetSecretValue", "SendEmail")
TENANT = "01M3250V000000000000000000"
INVITATION = "01M3250V00040G2081040G2081"
FAR_MS = "4102444800000"  # 2100-01-01


def stored():
    """What GetItem finds, by sort key's beginning."""
    invitation = {
        "version": {"N": "1"},
        "id": {"S": INVITATION},
        "tenant": {"S": TENANT},
        "email": {"S": "guest@example.com"},
        "role": {"S": "viewer"},
        "invited_by": {"S": TENANT},
        "created_at": {"N": "1795240800000"},
        "ends_at": {"N": FAR_MS},
        "told_at": {"NULL": True},
        "due_at": {"N": "1795240800000"},
    }
    team = {
        "version": {"N": "1"},
        "id": {"S": TENANT},
        "name": {"S": "Demo shop"},
        "shop_domain": {"NULL": True},
        "status": {"S": "active"},
        "plan": {"S": "free"},
        "owners": {"N": "1"},
        "members": {"N": "1"},
        "created_at": {"N": "1795240800000"},
    }
    return {"INV#": invitation, "TENANT": team}


def secret():
    key = base64.b64encode(b"7" * 32).decode()
    return json.dumps({"tokens": [{"kid": "bench", "key": key}], "signing": key})


class Stub:
    """A listening stub: `port`, and `counts` by operation since the last `reset`."""

    def __init__(self, certificate, key):
        self.full = multiprocessing.Value("b", 0)
        self._counts = {name: multiprocessing.Value("i", 0) for name in OPERATIONS}
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._context.set_alpn_protocols(["http/1.1"])
        self._process = multiprocessing.get_context("fork").Process(target=self._serve, daemon=True)
        self._process.start()

    def reset(self, full):
        """`full`: whether the invitation is there, or the table is empty."""
        self.full.value = int(full)
        for count in self._counts.values():
            count.value = 0

    def counts(self):
        return {name: count.value for name, count in self._counts.items() if count.value}

    def stop(self):
        self._process.terminate()
        self._process.join()

    def _serve(self):
        while True:
            raw, _ = self._listener.accept()
            threading.Thread(target=self._talk, args=(raw,), daemon=True).start()

    def _talk(self, raw):
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            with self._context.wrap_socket(raw, server_side=True) as caller:
                while (request := read_request(caller)) is not None:
                    body = self._answer(*request)
                    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {len(body)}\r\n\r\n"
                    caller.sendall(head.encode() + body)
        except OSError:
            pass  # The function was ended in the middle of a connection: that is how each run ends.

    def _answer(self, line, headers, body):
        operation = headers.get("x-amz-target", ".").rsplit(".", 1)[1]
        if "/v2/email/outbound-emails" in line:
            operation = "SendEmail"
        self._counts[operation].value += 1
        answer = {}
        if operation == "GetItem" and self.full.value:
            key = json.loads(body)["Key"]
            found = [item for begin, item in stored().items() if key["sk"]["S"].startswith(begin)]
            answer = {"Item": {**found[0], **key}} if found else {}
        elif operation == "Query":
            answer = {"Items": [], "Count": 0, "ScannedCount": 0}
        elif operation == "GetSecretValue":
            answer = {"Name": "bench", "SecretString": secret()}
        elif operation == "SendEmail":
            answer = {"MessageId": "bench"}
        return json.dumps(answer).encode()


def read_request(caller):
    """One HTTP/1.1 request as (first line, headers in lower case, body); `None` if the caller went away."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = caller.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    line, *rest = head.decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (field.partition(":") for field in rest)}
    if "chunked" in headers.get("transfer-encoding", ""):
        while not body.endswith(b"0\r\n\r\n"):
            body += caller.recv(65536)
        return line, headers, unchunked(body)
    length = int(headers.get("content-length", 0))
    while len(body) < length:
        body += caller.recv(65536)
    return line, headers, body


def unchunked(data):
    whole = b""
    while True:
        size, _, data = data.partition(b"\r\n")
        length = int(size.split(b";")[0], 16)
        if not length:
            return whole
        whole, data = whole + data[:length], data[length + 2 :]
