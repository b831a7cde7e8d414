"""Asks PostgreSQL: its own folder, a socket in there, prepared statements.

What counts is the execution time that the server itself reports: without planning, and without sending the ids.
"""

import json
import os
import pathlib
import pwd
import re
import signal
import statistics
import subprocess
import tempfile
import time

from questions import REPEATS, SEARCH, SIX, TOP, WINDOW, digest

BIN = pathlib.Path(os.environ.get("POSTGRES_BIN", "/usr/bin"))
NAME = "folded(first_name || chr(10) || last_name || chr(10) || email)"

# Fewer promises and more memory than as it comes: both make it faster.
SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "2GB",
    "work_mem": "64MB",
    "maintenance_work_mem": "512MB",
    "effective_cache_size": "4GB",
    "random_page_cost": "1.1",
    "max_wal_size": "8GB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "jit": "off",
    "autovacuum": "off",
}

TABLES = """
CREATE EXTENSION unaccent; CREATE EXTENSION pg_trgm;
CREATE FUNCTION folded(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  AS $$ SELECT lower(public.unaccent('public.unaccent'::regdictionary, $1)) $$;
CREATE TABLE customers (id bigint, first_name text, last_name text, email text, added_at bigint,
  first_order_at bigint, last_order_at bigint, orders int, spent bigint, email_state smallint, account_state smallint);
CREATE TABLE orders (customer bigint, placed_at bigint, net bigint, state smallint);
"""

INDEXES = f"""
ALTER TABLE customers ADD PRIMARY KEY (id);
CREATE INDEX ON customers (spent, id);
CREATE INDEX ON customers (last_order_at);
CREATE INDEX ON customers (added_at);
CREATE INDEX ON customers (orders);
CREATE INDEX ON customers USING gin (({NAME}) gin_trgm_ops);
CREATE INDEX ON orders (customer, placed_at);
CREATE INDEX ON orders (placed_at) INCLUDE (customer, net, state);
VACUUM (ANALYZE) customers; VACUUM (ANALYZE) orders;
"""

QUESTIONS = {
    "six predicates": SIX,
    "text search": f"{SEARCH} WHERE {NAME} LIKE '%jose%' AND {NAME} LIKE '%garcia%'",
    "top 50 by spend": TOP,
    "order window": WINDOW,
}


def ask(shop):
    """One answer for each question, the version in each."""
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        # The server refuses to be root.
        user = pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        os.chown(folder, user.pw_uid, user.pw_gid)
        become = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        data = f"{folder}/data"
        initdb = [BIN / "initdb", "--pgdata", data, "--username=regulars", "--auth=trust", "--no-sync"]
        subprocess.run(
            [*initdb, "--encoding=UTF8", "--locale=C"],
            check=True, stdout=subprocess.DEVNULL, timeout=120, cwd=folder, **become,
        )  # fmt: skip
        settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with open(f"{shop}/postgres.log", "wb") as log:
            server = subprocess.Popen(
                [BIN / "postgres", "-D", data, "-k", folder, *settings],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, **become,
            )  # fmt: skip
        try:
            return asked(folder, shop, server)
        finally:
            # At once: nothing in there is kept.
            server.send_signal(signal.SIGQUIT)
            server.wait(timeout=60)


def asked(folder, shop, server):
    def psql(script):
        command = [BIN / "psql", "-h", folder, "-U", "regulars", "-d", "postgres", "-XqAt", "-v", "ON_ERROR_STOP=1"]
        done = subprocess.run(command, input=script, capture_output=True, text=True, timeout=900)
        if done.returncode != 0:
            raise SystemExit(f"PostgreSQL: {done.stderr.strip()}")
        return done.stdout

    ready = [BIN / "pg_isready", "-q", "-h", folder]
    until = time.monotonic() + 60
    while subprocess.run(ready, check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > until:
            raise SystemExit("PostgreSQL did not start:\n" + pathlib.Path(f"{shop}/postgres.log").read_text())
        time.sleep(0.1)
    psql(TABLES)
    for table in ("customers", "orders"):
        psql(f"\\copy {table} FROM '{shop}/{table}.csv' (FORMAT csv, HEADER true)")
    psql(INDEXES)
    answers = []
    for question, sql in QUESTIONS.items():
        ids = psql(f"PREPARE question AS {sql};\nEXECUTE question;").split()
        explain = "EXPLAIN (ANALYZE, TIMING OFF) EXECUTE question;\n" * (REPEATS + 1)
        told = re.findall(r"Execution Time: ([0-9.]+) ms", psql(f"PREPARE question AS {sql};\n{explain}"))
        seconds = statistics.median(float(one) for one in told[1:]) / 1_000
        answers.append({"asked": question, "seconds": seconds, "found": len(ids), "digest": digest(ids)})
    return answers, psql("SHOW server_version").strip()


if __name__ == "__main__":
    import sys

    print(json.dumps(ask(sys.argv[1])))
