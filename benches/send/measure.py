"""Plans, sends and hears of campaigns, beside DuckDB choosing the same people and BullMQ doing jobs that do nothing.

    measure.py SENDING WORK CUSTOMERS MESSAGES

SENDING is the bench's binary, WORK a folder for what is made on the way.
"""

import importlib.metadata
import json
import pathlib
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from beside import in_python, lines, ms, times, verdict
from home import load, machine, peak_mib

HERE = pathlib.Path(__file__).parent
PLAN_AIM_SECONDS = 2
JOBS_AT_ONCE = 50
TICKS = 100


def planned(sending, work, customers):
    ours = lines([sending, "plan", customers, work])
    in_python(HERE / "in_duckdb.py", work, "load")
    one, many = (in_python(HERE / "in_duckdb.py", work, threads)["planned"] for threads in (1, 0))
    for theirs in (one, many):
        if theirs["found"] != ours["planned, warm"]["found"]:
            sys.exit(f"DuckDB chooses {theirs['found']}, and ours {ours['planned, warm']['found']}")
    print(f"\n{int(customers):,} are meant; DuckDB {importlib.metadata.version('duckdb')} chooses the same.")
    print("Medians in ms; in brackets how many times ours.\n")
    print("| asked | ours, CPU | ours, wall | DuckDB, one thread, CPU | DuckDB, all threads, wall |\n|---|---|---|---|---|")
    for asked in ("planned, cold", "planned, warm", "the waterfall alone"):
        mine = ours[asked]
        print(f"| {asked} | {ms(mine['cpu'])} | {ms(mine['seconds'])} | {ms(one['cpu'])} ({times(one['cpu'] / mine['cpu'])}) "
              f"| {ms(many['seconds'])} ({times(many['seconds'] / mine['seconds'])}) |")
    cold, memory = ours["planned, cold"], ours["memory"]
    is_met = verdict(cold["seconds"] <= PLAN_AIM_SECONDS)
    print(f"\nPlanned in {cold['seconds']:.2f} s, {cold['cpu']:.2f} of CPU; aim {PLAN_AIM_SECONDS} s: {is_met}. Memory rose from "
          f"{memory['before']} to {memory['peak']} MiB; {load()}", flush=True)


def sent(sending, work, messages):
    print("\n| store, words | sent a second | a second of CPU | bytes | write units each | memory before, peak MiB "
          "| receipts a second of CPU: fifty together, one by one | |\n|---|---|---|---|---|---|---|---|")
    for words, place in [("short", "memory"), ("newsletter", "memory"), ("newsletter", str(work / "table.redb"))]:
        if place != "memory":
            subprocess.run([sending, "make", messages, place], check=True)
        told = lines([sending, "through", messages, words, place])
        all_sent, beside = told["sent"], told["beside"]
        heard = [told["heard, fifty of a chunk together"], told["heard, one by one in any order"]]
        receipts = ", ".join(f"{one['count'] / one['cpu']:,.0f}" for one in heard)
        walls = ", ".join(f"{one['count'] / one['seconds']:,.0f}" for one in heard)
        name = "memory" if place == "memory" else "file"
        print(f"| {name}, {words} | {rate(all_sent, 'seconds')} | {rate(all_sent, 'cpu')} | {beside['bytes']:,} | {beside['writes']} "
              f"| {beside['before']}, {beside['peak']} | {receipts} | by the wall {walls}; {load()} |", flush=True)


def rate(told, by):
    return f"{told['count'] / told[by]:,.0f}"


def jobs(work, messages):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"port": port, "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": work}
    told = [word for name, value in settings.items() for word in (f"--{name}", str(value))]
    redis = subprocess.Popen(["redis-server", *told], stdout=subprocess.DEVNULL)
    try:
        while socket.socket().connect_ex(("127.0.0.1", port)):
            time.sleep(0.1)
        node = lines(["node", str(HERE / "node" / "jobs.mjs"), str(port), messages, str(JOBS_AT_ONCE)])
        added, done = node["added"], node["done"]
        cpu = added["cpu"] + done["cpu"] + spent(redis.pid)
        print(f"\nBullMQ, {messages} jobs that do nothing, {JOBS_AT_ONCE} at once, Redis in memory: {rate(done, 'seconds')}/s, "
              f"added {rate(added, 'seconds')}/s; {int(messages) / cpu:,.0f} a second of CPU with adding and Redis; "
              f"peak {done['peak']:.0f} MiB and Redis {peak_mib(redis.pid):.0f}; {load()}", flush=True)
    finally:
        redis.send_signal(signal.SIGTERM)
        redis.wait(timeout=30)


def spent(pid):
    words = open(f"/proc/{pid}/stat", encoding="utf-8").read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / TICKS


def main():
    sending, work, customers, messages = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3], sys.argv[4]
    print(f"{machine()}; {load()} at the start", flush=True)
    planned(sending, work, customers)
    sent(sending, work, messages)
    jobs(work, messages)
    print(f"\n{load()} at the end")


if __name__ == "__main__":
    main()
