"""The product as `./run` starts it, for those who measure it: in a folder of its own, on a free port of 127.0.0.1."""

import http.client
import json
import os
import pathlib
import platform
import signal
import subprocess
import sys

# Whoever is asked to end ends what it started.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


class Product:
    """Started when made, and there once it says so."""

    def __init__(self, binary, data, *options):
        self.data = pathlib.Path(data)
        self.port = None
        self.token = None
        self.log = open(f"{data}.log", "ab")
        command = [binary, "--port", "0", "--data", str(data), *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        for line in self.process.stdout:
            if line.startswith("Regulars is at http://127.0.0.1:"):
                self.port = int(line.rsplit(":", 1)[1])
            if "Ctrl-C stops." in line:
                return
        self.kill()
        raise SystemExit(f"the product did not start: {self.said()}")

    def sign_in(self):
        """As the demo's owner, for a quarter of an hour."""
        owner = json.loads((self.data / "demo.json").read_text())[0]
        self.token = None
        body = {"email": owner["email"], "password": owner["password"]}
        self.token = self.call("POST", "/api/auth/login", body, expected=200)["tokens"]["access_token"]
        return self.token

    def call(self, method, path, body=None, expected=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        headers = {"content-type": "application/json"}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            told = answer.read()
        finally:
            connection.close()
        if answer.status != (expected or 200):
            raise SystemExit(f"{method} {path} was answered {answer.status}: {told[:500]!r}")
        return json.loads(told)

    def peak_mib(self):
        return peak_mib(self.process.pid)

    def stop(self):
        self._ended(signal.SIGTERM)

    def kill(self):
        self._ended(signal.SIGKILL)

    def _ended(self, by):
        if self.process.poll() is None:
            self.process.send_signal(by)
            self.process.wait(timeout=60)
        self.process.stdout.close()
        self.log.close()

    def said(self):
        return pathlib.Path(f"{self.data}.log").read_text()[-2_000:]


class Answers:
    """What became of the requests of one load."""

    def __init__(self, told):
        lines = told.splitlines()
        self.seconds = float(lines[0])
        pairs = [line.split() for line in lines[1:]]
        self.statuses = [int(status) for status, _ in pairs]
        self.millis = [int(micros) / 1_000 for _, micros in pairs]

    def all_are(self, status):
        others = [other for other in self.statuses if other != status]
        if others:
            raise SystemExit(f"{len(others)} of {len(self.statuses)} were answered {set(others)} and not {status}")
        return self


def peak_mib(pid):
    """The most memory that the process has had resident."""
    for line in open(f"/proc/{pid}/status", encoding="utf-8"):
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise SystemExit(f"the process {pid} is gone")


def forgotten(folder):
    """What is in there has to be read from the disk again."""
    for path in pathlib.Path(folder).iterdir():
        if path.is_file():
            with open(path, "rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def machine():
    lines = open("/proc/cpuinfo", encoding="utf-8")
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "?")
    return f"{model}, {os.cpu_count()} cores, Linux {platform.release()}"


def load():
    return f"load {os.getloadavg()[0]:.1f}"


def at(sorted_values, share):
    """The value that this share of all do not exceed."""
    return sorted_values[max(0, -(-len(sorted_values) * share // 100) - 1)]
