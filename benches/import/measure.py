"""Brings files to a running product, and reads how much its memory grew meanwhile.

measure.py BINARY WORK ROWS
"""

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request

PASSWORD = "Str0ng!pass"
LIMIT_MIB = 64


def memory(pid, name):
    """In MiB: `VmRSS` is what is held now, `VmHWM` the most since `forget`."""
    status = open(f"/proc/{pid}/status").read()
    return int(re.search(rf"{name}:\s+(\d+) kB", status).group(1)) / 1024


def forget(pid):
    open(f"/proc/{pid}/clear_refs", "w").write("5")


class Product:
    def __init__(self, binary, folder):
        command = [binary, "--port", "0", "--data", folder]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in self.process.stdout:
            found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            if found:
                self.port = int(found.group(1))
                break
        person = {"email": "bench@example.com", "password": PASSWORD, "name": "Bench"}
        self.token = None
        self.token = self.post("/api/auth/signup", json.dumps(person), "application/json")["tokens"]["access_token"]

    def post(self, path, body, kind="text/csv"):
        headers = {"content-type": kind} | ({"authorization": f"Bearer {self.token}"} if self.token else {})
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body.encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            sys.exit(f"{path}: {error.code} {error.read().decode()[:500]}")

    def measured(self, path, body):
        """The answer, by how many MiB memory grew at most, and the seconds."""
        forget(self.process.pid)
        before, begin = memory(self.process.pid, "VmRSS"), time.monotonic()
        answer = self.post(path, body)
        return answer, memory(self.process.pid, "VmHWM") - before, time.monotonic() - begin


def tell(name, answer, grown, seconds):
    counts = {count: answer[count] for count in ["created", "updated", "unchanged", "failed_count"]}
    print(f"  {name}: memory grew by {grown:.1f} MiB at most, {seconds:.1f} s, {counts}", flush=True)


def customers(rows, _=0):
    lines = [f"C{n},buyer{n:06}@example.com,First{n % 997},Last{n % 1009},{n % 300} Old Market Street,Town {n % 89},GB,vip" for n in range(rows)]
    return "\n".join(["id,email,first_name,last_name,line1,city,country,tags", *lines]) + "\n"


def orders(rows, buyers=0):
    buyers = buyers or rows
    lines = [f"O{n},buyer{n * 7 % buyers:06}@example.com,{n % 500}.{n % 100:02},2026-01-{n % 28 + 1:02},paid,to be wrapped as a gift {n % 7}" for n in range(rows)]
    return "\n".join(["id,email,total,placed_at,status,note", *lines]) + "\n"


def main(binary, work, rows):
    product = Product(binary, f"{work}/data")
    wrong = []
    try:
        for what, make in [("customers", customers), ("orders", orders)]:
            path, file = f"/api/v1/data/import/{what}", make(rows)
            # What is loaded with the first row is not the file's.
            product.post(f"{path}?dry_run=true", make(10))
            print(f"{what}: {rows} rows, {len(file) / 2**20:.2f} MiB", flush=True)
            for name, query in [("rehearsed", "?dry_run=true"), ("stored, as far as a request's time goes", "")]:
                answer, grown, seconds = product.measured(path + query, file)
                tell(name, answer, grown, seconds)
                if query and grown > LIMIT_MIB:
                    wrong.append(f"{what} {name}: {grown:.1f} MiB")
            stored = answer["processed_count"]
            # The first time the table's own cache, in the same process, fills up.
            product.post(path, make(stored, rows))
            answer, grown, seconds = product.measured(path, make(stored, rows))
            tell("those again", answer, grown, seconds)
            if grown > LIMIT_MIB:
                wrong.append(f"{what} again: {grown:.1f} MiB")
    finally:
        product.process.terminate()
        product.process.wait(30)
    if wrong:
        sys.exit(f"more than {LIMIT_MIB} MiB: {wrong}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
