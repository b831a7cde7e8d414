"""Measures how each function starts: spawn to first answer, peak RSS, zipped size, beside Node doing the same.

    measure.py BINARIES WORK [RUNS]

BINARIES holds <function>/bootstrap.zip, as `cargo lambda build --output-format zip` leaves them; WORK is a
directory for what is made on the way. Each row's runs alternate between ours and Node's, after one of each that
does not count, so that a change in the machine meets both. A run that calls AWS other than it should fails all.
"""

import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import zipfile

from aws_stub import INVITATION, TENANT, Stub
from runtime_api import Failed, once

HERE = pathlib.Path(__file__).parent
EVENTS = HERE.parent.parent / "events"
SYSTEM_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


class Row:
    """One start: which function, which event, which calls of AWS it must make, and what is aimed at."""

    def __init__(self, title, function, event, calls, **more):
        self.title, self.function, self.event, self.calls = title, function, event, calls
        self.full = more.get("full", False)
        self.bundle = more.get("bundle", "whole")
        self.node = more.get("node", True)
        self.aim_ms = more.get("aim_ms")


def rows():
    health = json.loads((EVENTS / "api.json").read_text())
    ready = json.loads((EVENTS / "api.json").read_text().replace('"/health"', '"/ready"'))
    tick = json.loads((EVENTS / "tick.json").read_text())
    batch = json.loads((EVENTS / "notify.json").read_text())
    task = {"task": "mail_invitation", "tenant": TENANT, "invitation": INVITATION}
    batch["Records"] = [{**batch["Records"][0], "body": json.dumps(task)}]
    one = {"GetItem": 1}
    both = {"GetItem": 1, "GetSecretValue": 1}
    mailed = {"GetItem": 2, "GetSecretValue": 1, "SendEmail": 1, "PutItem": 2}
    return [
        Row("api, GET /health: no AWS", "api", health, {}, aim_ms=2.5),
        Row("api, GET /ready: one read, the secret", "api", ready, both, aim_ms=6),
        Row("api, GET /ready, trusting one CA", "api", ready, both, bundle="one"),
        Row("notify, first batch: one read", "notify", batch, one, aim_ms=14),
        Row("notify, first batch: mail sent", "notify", batch, mailed, full=True, node=False),
        Row("tick: the index's 16 partitions", "tick", tick, {"Query": 16}),
    ]


def certificate(work):
    """An authority of our own, the stub's certificate, and what the callers trust: it alone, or it and all others."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=work, check=True, capture_output=True)

    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"]
    openssl("req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=bench")
    openssl("req", *curve, "-keyout", "stub.key", "-out", "stub.csr", "-subj", "/CN=localhost")
    (work / "stub.ext").write_text("subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n")
    openssl("x509", "-req", "-in", "stub.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-out", "stub.pem", "-days", "2", "-extfile", "stub.ext")
    (work / "whole.pem").write_bytes(pathlib.Path(SYSTEM_BUNDLE).read_bytes() + (work / "ca.pem").read_bytes())
    return {"one": work / "ca.pem", "whole": work / "whole.pem"}


def environment(port, authority, bundle):
    endpoint = f"https://localhost:{port}"
    return {
        "PATH": os.environ["PATH"], "HOME": "/nonexistent", "LANG": "C.UTF-8",
        "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_ENDPOINT_URL": endpoint, "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_LAMBDA_FUNCTION_NAME": "bench", "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "SSL_CERT_FILE": str(bundle), "NODE_EXTRA_CA_CERTS": str(authority),
        "TABLE_NAME": "bench", "QUEUE_AUDIENCE_URL": f"{endpoint}/123456789012/audience.fifo",
        "QUEUE_IMPORT_URL": f"{endpoint}/123456789012/import.fifo", "BUCKET": "bench",
        "QUEUE_INGEST_URL": f"{endpoint}/123456789012/ingest",
        "QUEUE_CAMPAIGN_URL": f"{endpoint}/123456789012/campaign.fifo", "QUEUE_SEND_URL": f"{endpoint}/123456789012/send",
        "QUEUE_RECEIPT_URL": f"{endpoint}/123456789012/receipt",
        "QUEUE_SYNC_URL": f"{endpoint}/123456789012/sync",
        "QUEUE_NOTIFY_URL": f"{endpoint}/123456789012/notify", "SECRET_ID": "bench",
        "KEY_ID": "bench", "SENDING_CONFIGURATION": "bench", "MAIL_FROM": "hello@example.com", "ORIGIN": "https://crm.example.com",
        "ALLOWED_ORIGINS": "", "ACCESS_SECONDS": "900", "OPERATORS": "", "LIVE_URL": f"wss://localhost:{port}/live",
        **{f"DEAD_{queue}_URL": f"{endpoint}/123456789012/dead" for queue in ("AUDIENCE", "CAMPAIGN", "IMPORT", "INGEST", "NOTIFY", "RECEIPT", "SEND", "SYNC")},
    }


def checked(row, stub, command, env):
    stub.reset(row.full)
    took_ms, rss_kib, answer = once(command, env, row.event)
    if stub.counts() != row.calls:
        raise Failed(f"{row.title}: called {stub.counts()} and not {row.calls}")
    told = json.loads(answer)
    is_well = told is None or told.get("statusCode") == 200 or told.get("batchItemFailures") == []
    if not is_well:
        raise Failed(f"{row.title}: answered {answer[:300]!r}")
    return took_ms, rss_kib


def measured(row, stub, commands, env, runs):
    """By program: (median, fastest and slowest of the middle nine tenths, in ms; greatest peak RSS in MiB)."""
    told = {name: [] for name in commands}
    for name, command in commands.items():
        checked(row, stub, command, env)
    for _ in range(runs):
        for name, command in commands.items():
            told[name].append(checked(row, stub, command, env))
    summary = {}
    for name, pairs in told.items():
        times = sorted(took for took, _ in pairs)
        edge = len(times) // 20
        rss = max(kib for _, kib in pairs) / 1024
        summary[name] = (statistics.median(times), times[edge], times[-1 - edge], rss)
    return summary


def unpacked(binaries, work):
    """Each function's bootstrap, ready to run, and the zip's size in MB."""
    found = {}
    for archive in sorted(binaries.glob("*/bootstrap.zip")):
        place = work / archive.parent.name
        with zipfile.ZipFile(archive) as packed:
            packed.extract("bootstrap", place)
        (place / "bootstrap").chmod(0o755)
        found[archive.parent.name] = (str(place / "bootstrap"), archive.stat().st_size / 1e6)
    return found


def zipped_mb(file, work):
    archive = work / "node.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        packed.write(file, "index.cjs")
    return archive.stat().st_size / 1e6


def machine():
    model = next(line for line in open("/proc/cpuinfo", encoding="utf-8") if line.startswith("model name"))
    node = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True).stdout.strip()
    load = os.getloadavg()[0]
    return f"{model.split(':')[1].strip()}, {os.cpu_count()} cores, Linux {platform.release()}, Node {node}, load {load:.2f} at the start"


def main():
    binaries, work = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else 31
    bundles = certificate(work)
    functions = unpacked(binaries, work)
    bundled = HERE / "node" / "dist" / "index.cjs"
    node = [shutil.which("node"), str(bundled)]
    print(f"{machine()}; median of {runs} (and the middle nine tenths)\n")
    print("| start | ours ms | aim ms | Node ms | Node ÷ ours | ours peak RSS MiB | Node RSS MiB | ÷ |")
    print("|---|---|---|---|---|---|---|---|")
    stub = Stub(work / "stub.pem", work / "stub.key")
    try:
        for row in rows():
            commands = {"ours": [functions[row.function][0]]}
            if row.node:
                commands["node"] = node
            env = environment(stub.port, work / "ca.pem", bundles[row.bundle])
            told = measured(row, stub, commands, env, runs)
            print(line(row, told), flush=True)
    finally:
        stub.stop()
    sizes = ", ".join(f"{name} {size:.2f} MB" for name, (_, size) in functions.items())
    print(f"\nZipped: {sizes}; Node's handler, bundled and minified, {zipped_mb(bundled, work):.2f} MB (its runtime is Lambda's own).")


def line(row, told):
    ours = told["ours"]
    aim = "" if row.aim_ms is None else f"≤ {row.aim_ms}"
    cells = [row.title, f"{ours[0]:.1f} ({ours[1]:.1f}–{ours[2]:.1f})", aim]
    if "node" in told:
        node = told["node"]
        cells += [f"{node[0]:.0f} ({node[1]:.0f}–{node[2]:.0f})", f"{node[0] / ours[0]:.0f}×"]
        cells += [f"{ours[3]:.1f}", f"{node[3]:.0f}", f"{node[3] / ours[3]:.1f}×"]
    else:
        cells += ["", "", f"{ours[3]:.1f}", "", ""]
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
