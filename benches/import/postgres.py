"""The same file into PostgreSQL: its own folder and socket, as durable as it comes, with the indexes that we keep."""

import dataclasses
import os
import pathlib
import pwd
import signal
import subprocess
import tempfile
import time

BIN = pathlib.Path(os.environ.get("POSTGRES_BIN", "/usr/bin"))

# More memory than as it comes; every commit waits for the disk, as it comes.
SETTINGS = {"listen_addresses": "", "shared_buffers": "512MB", "maintenance_work_mem": "256MB", "max_wal_size": "4GB"}

TABLE = """
CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text UNIQUE, first_name text, last_name text,
  phone text, city text, country text, tags text, email_consent text, orders_count int, total_spent numeric(12, 2));
CREATE INDEX ON customers (phone);
CREATE INDEX ON customers (last_name, first_name);
"""


@dataclasses.dataclass
class Copied:
    version: str
    seconds: float
    megabytes: float


def copied(path, rows, work):
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        # The server refuses to be root.
        user = pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        os.chown(folder, user.pw_uid, user.pw_gid)
        become = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        data = f"{folder}/data"
        initdb = [BIN / "initdb", "--pgdata", data, "--username=regulars", "--auth=trust"]
        subprocess.run([*initdb, "--encoding=UTF8", "--locale=C"], check=True, stdout=subprocess.DEVNULL, timeout=120, cwd=folder, **become)
        settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        log = pathlib.Path(work) / "postgres.log"
        with open(log, "wb") as told:
            command = [BIN / "postgres", "-D", data, "-k", folder, *settings]
            server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=told, stderr=told, cwd=folder, **become)
        try:
            return copied_into(folder, path, rows, server, log)
        finally:
            # At once: nothing in there is kept.
            server.send_signal(signal.SIGQUIT)
            server.wait(timeout=60)


def copied_into(folder, path, rows, server, log):
    def psql(script):
        command = [BIN / "psql", "-h", folder, "-U", "regulars", "-d", "postgres", "-XqAt", "-v", "ON_ERROR_STOP=1"]
        done = subprocess.run(command, input=script, capture_output=True, text=True, timeout=1_800)
        if done.returncode != 0:
            raise SystemExit(f"PostgreSQL: {done.stderr.strip()}")
        return done.stdout.strip()

    until = time.monotonic() + 60
    while subprocess.run([BIN / "pg_isready", "-q", "-h", folder], check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > until:
            raise SystemExit("PostgreSQL did not start:\n" + log.read_text())
        time.sleep(0.1)
    psql(TABLE)
    columns = path.open(encoding="utf-8").readline().strip()
    began = time.monotonic()
    psql(f"\\copy customers ({columns}) FROM '{path}' (FORMAT csv, HEADER true)")
    seconds = time.monotonic() - began
    there = int(psql("SELECT count(*) FROM customers"))
    if there != rows:
        raise SystemExit(f"PostgreSQL has {there} of {rows} rows")
    megabytes = int(psql("SELECT pg_total_relation_size('customers')")) / 1e6
    return Copied(psql("SHOW server_version"), seconds, megabytes)
