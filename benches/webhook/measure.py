"""Measures what becomes of webhooks: at the door alone, beside Node's, and with the product as it runs at home.

    measure.py LOCAL TELLING DOOR WORK EVENTS CUSTOMERS BESIDE

LOCAL, TELLING and DOOR are the binaries, WORK a folder for what is made on the way. Whatever is answered other than it
should, or is not where it should be afterwards, ends all.
"""

import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from browser import connected
from home import Answers, Product, at, load, machine, peak_mib

SHOP = "demo-shop.myshopify.com"
# The app's, at home.
SECRET = "not-a-secret"
CONNECTIONS = 32
ROUNDS = 5
CPU_ROUNDS = "101"
LOOKED_FOR_MAX = 500
# Each measurement tells of other things: their numbers begin so far apart.
APART = 10_000_000
HANDLER = pathlib.Path(__file__).parent / "node" / "handler.mjs"


class Server:
    """A door that is all of its process: it says at which port it listens."""

    def __init__(self, title, command):
        self.title, self.rates, self.cpu_micros = title, [], []
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        said = self.process.stdout.readline()
        if not said.strip().isdigit():
            self.stop()
            raise SystemExit(f"{title} did not start")
        self.port = int(said)

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def told(self, telling, first, count):
        before = self.cpu_seconds()
        answers = sent(telling, self.port, first, count).all_are(200)
        self.rates.append(count / answers.seconds)
        self.cpu_micros.append((self.cpu_seconds() - before) / count * 1e6)

    def line(self):
        return (f"{self.title}: {statistics.median(self.rates):,.0f}/s ({min(self.rates):,.0f} to {max(self.rates):,.0f}), "
                f"{statistics.median(self.cpu_micros):.0f} µs of CPU an event, peak RSS {peak_mib(self.process.pid):.1f} MiB")

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)
        self.process.stdout.close()


def telling_of(telling, port, *act):
    return subprocess.Popen([telling, str(port), SECRET, SHOP, *map(str, act)], stdout=subprocess.PIPE, text=True)


def heard(process):
    told, _ = process.communicate()
    if process.returncode != 0:
        raise SystemExit(f"what tells ended with {process.returncode}")
    return told


def sent(telling, port, first, count):
    return Answers(heard(telling_of(telling, port, "send", first, count, CONNECTIONS)))


def at_the_door(door):
    told = json.loads(subprocess.run([door, CPU_ROUNDS], check=True, capture_output=True, text=True).stdout)
    print(f"CPU of the whole door, {told['bytes'] / 1_000:.1f} KB, median of {CPU_ROUNDS}: {told['door_us']:.1f} µs (aim ≤ 80); "
          f"by serde_json::Value {told['value_us']:.1f} µs, {told['value_us'] / told['door_us']:.1f} ×; {load()}", flush=True)


def beside_node(door, telling, events):
    """In turn, so that a change in the machine meets both; the first of each only warms up."""
    servers = []
    try:
        servers.append(Server("ours", [door, "serve", SECRET]))
        servers.append(Server("Node with @shopify/shopify-api", ["node", str(HANDLER), SECRET]))
        for number in range(ROUNDS + 1):
            for server in servers:
                server.told(telling, number * events, events)
        for server in servers:
            del server.rates[0], server.cpu_micros[0]
        ours, node = [statistics.median(server.rates) for server in servers]
        print(f"doors over HTTP, a thread each, a queue in memory, {CONNECTIONS} connections, {ROUNDS} × {events:,} orders: "
              f"{'; '.join(server.line() for server in servers)}; rate {ours / node:.1f} ×; {load()}", flush=True)
    finally:
        for server in servers:
            server.stop()


def at_rest(browser):
    """Waits until all that was told is applied. Looking reads the whole queue, so it is done seldom."""
    while True:
        page = browser.go("GET", "/dev/queues")[2]
        found = re.search(r"<h2>ingest</h2><p>(\d+) waiting, (\d+) under way or waiting for their time, (\d+) dead", page)
        if not found:
            raise SystemExit("the page of the queues is another one")
        waiting, hidden, dead = map(int, found.groups())
        if dead:
            raise SystemExit(f"{dead} events are dead letters")
        if waiting == hidden == 0:
            return
        time.sleep(0.5)


def until_seen(product, telling, topic, first, count, others):
    product.sign_in()
    lines = heard(telling_of(telling, product.port, "see", topic, first, count, others, product.token)).splitlines()
    answered, visible, asked = zip(*([int(word) for word in line.split()] for line in lines[:-1]))
    beside, seconds = lines[-1].split()
    answered, visible = ([micros / 1_000 for micros in sorted(all)] for all in (answered, visible))
    when = f"{int(beside) / float(seconds):.0f} other orders a second beside" if others else "nothing else beside"
    print(f"{topic} until a list shows it, {count} times, {when}: p50 {at(visible, 50):.0f} ms, p99 {at(visible, 99):.0f} ms; "
          f"answered after {at(answered, 50):.1f} and {at(answered, 99):.1f} ms; {statistics.mean(asked):.0f} lists asked for each; "
          f"{load()}", flush=True)


def orders(product):
    return product.call("GET", "/api/v1/orders?limit=1")["total"]


def ingested(product, browser, telling, first, count):
    """From the first word to the last order in the list."""
    product.sign_in()
    before = orders(product)
    sending = telling_of(telling, product.port, "send", first, count, CONNECTIONS)
    seconds = float(sending.stdout.readline())
    began = time.monotonic() - seconds
    answers = Answers(f"{seconds}\n{heard(sending)}").all_are(200)
    at_the_end = orders(product) - before
    while (there := orders(product) - before) < count:
        time.sleep(0.2)
    took = time.monotonic() - began
    at_rest(browser)
    if there != count or (there := orders(product) - before) != count:
        raise SystemExit(f"{there} orders are new and not {count}")
    millis = sorted(answers.millis)
    print(f"{count:,} orders as fast as they are taken, {CONNECTIONS} connections: taken {count / seconds:,.0f}/s (p50 {at(millis, 50):.0f} ms, "
          f"p99 {at(millis, 99):.0f} ms), {at_the_end:,} applied by then; all applied after {took:.1f} s: {count / took:,.0f}/s; "
          f"peak RSS {product.peak_mib():.0f} MiB; {load()}", flush=True)


def at_home(local, telling, data, events, customers, beside):
    # Memory is measured without the making of the shop.
    Product(local, data, "--customers", customers, "--shopify", "0").stop()
    product = Product(local, data)
    try:
        owner = json.loads((data / "demo.json").read_text())[0]
        browser = connected(product, owner, SHOP)
        count = min(LOOKED_FOR_MAX, max(1, events // 10))
        asked = [(topic, others) for topic in ("orders/create", "customers/create") for others in (0, beside)]
        for place, (topic, others) in enumerate(asked):
            until_seen(product, telling, topic, place * APART, count, others)
            at_rest(browser)
        ingested(product, browser, telling, len(asked) * APART, events)
    finally:
        product.stop()


def main():
    local, telling, door, work = sys.argv[1], sys.argv[2], sys.argv[3], pathlib.Path(sys.argv[4])
    events, customers, beside = int(sys.argv[5]), sys.argv[6], int(sys.argv[7])
    node = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True).stdout.strip()
    print(f"{machine()}, Node {node}; {load()} at the start; {int(customers):,} customers\n", flush=True)
    at_the_door(door)
    beside_node(door, telling, events)
    at_home(local, telling, work / "data", events, customers, beside)


if __name__ == "__main__":
    main()
