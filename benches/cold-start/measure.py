"""Spawns each function again and again against stubs on loopback, and prints medians.

The stubs count and record; they decide nothing. Time runs from just before the spawn until the answer has arrived at
the stub of the Runtime API. Memory is the process's own high-water mark at that moment.
"""

import json
import os
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).parent
EVENTS = HERE.parent.parent / "events"
WAIT_SECONDS = 20


class Runtime(BaseHTTPRequestHandler):
    """Lambda's Runtime API: one event, then silence."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        server = self.server
        if server.handed.is_set():
            server.over.wait(WAIT_SECONDS)
            return
        server.handed.set()
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int(time.time() * 1000) + 30_000))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:bench")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(server.event)))
        self.end_headers()
        self.wfile.write(server.event)

    def do_POST(self):
        arrived = time.perf_counter()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0) or 0)
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        if not self.server.answered.is_set():
            self.server.answer = (arrived, self.path, body)
            self.server.answered.set()
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Table(BaseHTTPRequestHandler):
    """DynamoDB with nothing in it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    calls = 0

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        operation = self.headers["X-Amz-Target"].rsplit(".", 1)[1]
        Table.calls += 1
        answers = {
            "GetItem": {},
            "Query": {"Items": [], "Count": 0, "ScannedCount": 0},
            "BatchGetItem": {"Responses": {name: [] for name in asked.get("RequestItems", {})}, "UnprocessedKeys": {}},
        }
        body = json.dumps(answers[operation]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A process that is killed breaks its connections."""


def started(server):
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def table(folder):
    key, certificate = f"{folder}/key.pem", f"{folder}/certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=CA:FALSE",
         "-keyout", key, "-out", certificate],
        check=True, capture_output=True)
    server = QuietServer(("127.0.0.1", 0), Table)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    return started(server), certificate


def peak_kib(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1])
    return 0


def once(command, event, settings):
    runtime = QuietServer(("127.0.0.1", 0), Runtime)
    runtime.event, runtime.answer = event, None
    runtime.handed, runtime.answered, runtime.over = threading.Event(), threading.Event(), threading.Event()
    started(runtime)
    environment = settings | {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{runtime.server_port}"}
    begin = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        if not runtime.answered.wait(WAIT_SECONDS):
            process.kill()
            sys.exit(f"{command} gave no answer: {process.stderr.read().decode()[-500:]}")
        peak = peak_kib(process.pid)
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
        runtime.over.set()
        runtime.shutdown()
        runtime.server_close()
    arrived, path, body = runtime.answer
    if not path.endswith("/response"):
        sys.exit(f"{command} failed: {body.decode()[-500:]}")
    return (arrived - begin) * 1000, peak / 1024


def zipped_megabytes(binary):
    with tempfile.NamedTemporaryFile(suffix=".zip") as packed:
        with zipfile.ZipFile(packed.name, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            archive.write(binary, "bootstrap")
        return os.path.getsize(packed.name) / 1_000_000


def at_path(path):
    event = json.loads((EVENTS / "api.json").read_text())
    event["rawPath"] = event["requestContext"]["http"]["path"] = path
    return json.dumps(event).encode()


def main():
    binaries, rounds = Path(sys.argv[1]), int(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        server, certificate = table(folder)
        settings = {
            "PATH": os.environ["PATH"], "HOME": folder, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "bench",
            "AWS_SECRET_ACCESS_KEY": "bench", "AWS_LAMBDA_FUNCTION_NAME": "bench",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256", "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_LOG_GROUP_NAME": "bench", "AWS_LAMBDA_LOG_STREAM_NAME": "bench",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL_DYNAMODB": f"https://localhost:{server.server_port}",
            "SSL_CERT_FILE": certificate, "NODE_EXTRA_CA_CERTS": certificate,
            "TABLE_NAME": "bench", "ORIGIN": "https://crm.test", "SECRET_ID": "bench", "KEY_ID": "bench",
            "MAIL_FROM": "hello@crm.test", "QUEUE_NOTIFY_URL": "https://localhost/notify",
        }
        notify, tick = ((EVENTS / name).read_bytes() for name in ("notify.json", "tick.json"))
        node = lambda handler: ["node", str(HERE / "node" / "bootstrap.mjs"), handler]
        rows = [
            ("api, GET /health (no AWS)", "api", at_path("/health"), node("http"), 2.5),
            ("api, GET /ready (one read over TLS)", "api", at_path("/ready"), node("http"), 6),
            ("notify, first batch (two reads)", "notify", notify, node("queue"), 14),
            ("tick, one minute (16 queries)", "tick", tick, node("timer"), None),
        ]
        print(f"| what | first answer, ms (median of {rounds}) | target | peak RSS, MB | Node 20, ms | ratio |")
        print("|---|---|---|---|---|---|")
        for what, name, event, twin, target in rows:
            ours, theirs = [], []
            for _ in range(rounds):
                ours.append(once([str(binaries / name)], event, settings))
                theirs.append(once(twin, event, settings))
            mine, other = (statistics.median(time for time, _ in runs) for runs in (ours, theirs))
            memory = max(peak for _, peak in ours)
            print(f"| {what} | {mine:.1f} | {target or '–'} | {memory:.1f} | {other:.0f} | 1 : {other / mine:.0f} |")
        print(f"\nThe table answered {Table.calls} calls.\n")
        print("| binary | size, MB | zipped, MB (target 3.5) |\n|---|---|---|")
        for name in ("api", "notify", "tick"):
            size = (binaries / name).stat().st_size / 1_000_000
            print(f"| {name} | {size:.1f} | {zipped_megabytes(binaries / name):.2f} |")


main()
