"""From nothing to a shop that is kept right: the whole way, told as it goes.

    whole.py LOCAL WORK CUSTOMERS WEBHOOKS

LOCAL is the binary, WORK a folder for what is made on the way. A customer or an order that is not as the shop's own books
have it, once all is done, ends all with 1.
"""

import html
import json
import pathlib
import re
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from books import differences
from browser import Browser, connected
from home import Product, load, machine
from websockets.sync.client import connect

SHOP = "demo-shop.myshopify.com"
SAID_EACH_SECONDS = 10
LONG_SECONDS = 3_600
# The clock asks once a minute.
PATIENCE_SECONDS = 180
ACTS_AT_ONCE = 500
# Of 1,000.
LOST = 10


class Watched:
    """Runs as they are told over a WebSocket."""

    def __init__(self, product):
        ticket = product.call("POST", "/api/v1/live/tickets", {}, expected=201)
        self.socket = connect(ticket["url"], subprotocols=ticket["protocols"]).__enter__()
        self.told = 0

    def say(self, event, **data):
        self.socket.send(json.dumps({"event": event, "data": data}))

    def followed(self, run):
        """Until its end: how it ended, and how often its progress was told."""
        self.say("sync:subscribe", sync_run_id=run)
        began = said = time.monotonic()
        percents = []
        while time.monotonic() - began < LONG_SECONDS:
            event = json.loads(self.socket.recv(timeout=120))
            self.told += 1
            about = event.get("data") or {}
            if not isinstance(about, dict) or about.get("sync_run_id") != run:
                continue
            if event["event"] == "sync:progress":
                percents.append(about["progress"])
                if time.monotonic() - said >= SAID_EACH_SECONDS:
                    said = time.monotonic()
                    print(f"  {said - began:.0f} s: {about['progress']} %, {about['step']}; {load()}", flush=True)
            if event["event"] in ("sync:completed", "sync:failed"):
                if percents != sorted(percents):
                    raise SystemExit(f"its progress went back: {percents}")
                return about, time.monotonic() - began, len(percents)
        raise SystemExit("the run does not end")


def ended(told):
    if told["status"] != "completed":
        raise SystemExit(f"the run ended so: {told}")
    return told


def standing(browser):
    return json.loads(browser.go("GET", f"/shopify/{SHOP}/shop/standing")[2])


def pressed(browser, act, **form):
    status, _, text = browser.go("POST", f"/shopify/{SHOP}/shop/{act}", form)
    if status != 303:
        raise SystemExit(f"the button {act} was answered {status}: {text[:300]!r}")


def at_rest(product, browser):
    """Waits until the shop has told all and the product has done all of it."""
    while True:
        page = browser.go("GET", "/dev/queues")[2]
        queues = re.findall(r"<h2>(\w+)</h2><p>(\d+) waiting, (\d+) under way or waiting for their time, (\d+) dead", page)
        if not queues:
            raise SystemExit("the page of the queues is another one")
        dead = sum(int(count) for *_, count in queues)
        if dead:
            first = re.search(r"<article>(.*?)</article>", page, re.S)
            raise SystemExit(f"{dead} dead letters: {queues}; the first: {html.unescape(first[1])[:1500] if first else '?'}")
        if standing(browser)["webhooks_waiting"] == 0 and all(waiting == hidden == "0" for _, waiting, hidden, _ in queues):
            return
        time.sleep(0.2)


def all_allowed(product, browser):
    """The merchant allows all orders on the shop's page. The run that brings them, which nobody has to ask for."""
    product.sign_in()
    address = product.call("GET", "/api/v1/tenants/me/shop")["orders"]["allow_all_at"]
    browser.sent(urllib.parse.urlsplit(address)._replace(scheme="", netloc="").geturl().replace("/oauth/install?", "/oauth/allow?"))
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE_SECONDS:
        for run in product.call("GET", "/api/v1/tenants/me/sync/active"):
            if run["resource_type"] == "orders" and run["mode"] == "full":
                return run["sync_run_id"]
        time.sleep(0.2)
    raise SystemExit("nobody brings the orders that are shown by now")


def held_against_books(product, when):
    product.sign_in()
    began = time.monotonic()
    wrong, shown, there = differences(product, SHOP)
    print(f"{when}: of {there[0]:,} customers {wrong['customer']:,} and of {there[1]:,} orders {wrong['order']:,} are not as in "
          f"the shop's books ({time.monotonic() - began:.0f} s to compare)", flush=True)
    for line in shown:
        print(f"    {line}")
    return wrong


def main():
    local, work, customers, webhooks = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    data = work / "data"
    began = time.monotonic()
    product = Product(local, data, "--empty", "--shopify", customers)
    try:
        product.sign_in()
        owner = json.loads((data / "demo.json").read_text())[0]
        shop = standing(Browser(product.port))
        print(f"{machine()}; {load()}; started from nothing in {time.monotonic() - began:.0f} s: the shop has "
              f"{shop['customers']:,} customers and {shop['orders']:,} orders", flush=True)

        watched = Watched(product)
        browser = connected(product, owner, SHOP)
        active = []
        while not active:
            active = product.call("GET", "/api/v1/tenants/me/sync/active")
        told, seconds, events = watched.followed(active[0]["sync_run_id"])
        rows = ended(told)["records_processed"]
        print(f"first sync: {rows:,} rows in {seconds:.0f} s, {rows / seconds:,.0f} rows/s; {events} events of progress "
              f"({events / seconds:.1f} a second); peak RSS {product.peak_mib():.0f} MiB; {load()}", flush=True)
        at_rest(product, browser)

        # What Shopify shows to an app that is not allowed more is of the last 60 days.
        told, seconds, events = watched.followed(all_allowed(product, browser))
        rows = ended(told)["records_processed"]
        print(f"all orders are allowed by now, and brought by themselves: {rows:,} rows in {seconds:.0f} s, {rows / seconds:,.0f} rows/s; "
              f"{events} events of progress; peak RSS {product.peak_mib():.0f} MiB; {load()}", flush=True)
        at_rest(product, browser)
        if any(held_against_books(product, "after that").values()):
            raise SystemExit(1)

        pressed(browser, "switches", plan="Basic", denied="nothing", faults="0", copies="1", shuffled="yes", lost=str(LOST))
        before = standing(browser)
        busy = time.monotonic()
        while True:
            now = standing(browser)
            if now["webhooks_sent"] + now["webhooks_waiting"] - before["webhooks_sent"] >= 2 * webhooks:
                break
            pressed(browser, "rush", acts=str(ACTS_AT_ONCE))
        at_rest(product, browser)
        seconds, now = time.monotonic() - busy, standing(browser)
        sent, lost = now["webhooks_sent"] - before["webhooks_sent"], now["webhooks_lost"] - before["webhooks_lost"]
        print(f"a busy day: {sent:,} deliveries, each webhook twice and in any order, {lost:,} webhooks lost; all done in "
              f"{seconds:.0f} s, {sent / seconds:,.0f} a second; peak RSS {product.peak_mib():.0f} MiB; {load()}", flush=True)
        held_against_books(product, "before reconciling")

        product.sign_in()
        run = product.call("POST", "/api/v1/tenants/me/sync", {"resource": "all", "mode": "reconciliation"}, expected=202)
        told, seconds, _ = watched.followed(run["sync_run_id"])
        ended(told)
        print(f"reconciled in {seconds:.0f} s: {told['records_processed']:,} rows looked at, {told['records_missed']:,} of which no webhook had "
              f"told (of what is younger than two minutes it may still come)", flush=True)
        at_rest(product, browser)
        wrong = held_against_books(product, "after reconciling")
        print(json.dumps(product.call("GET", "/api/v1/tenants/me/shop/health"), indent=2))
        if any(wrong.values()):
            raise SystemExit(1)
        print(f"every customer and every order is as in the shop's books; {watched.told:,} events came over the WebSocket")
    finally:
        product.stop()


if __name__ == "__main__":
    main()
