"""Measures the product over HTTP as it runs at home: lists cold and warm, orders, and lists while orders come.

    measure.py LOCAL LOAD WORK CUSTOMERS

LOCAL and LOAD are the binaries, WORK a folder for what is made on the way. Whatever is answered other than it should
ends all.
"""

import pathlib
import random
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from home import Answers, Product, at, forgotten, load, machine

STARTS = 7
LISTS = 300
ORDERS = 5_000
BUYERS = 1_000
CONNECTIONS = 32
AT_ONCE = 64
# So many orders a second while lists are asked for, for so long; the last time as many as there can be.
RATES = [100, 200, 500, None]
RATE_SECONDS = 10

FIRST = "/api/v1/customers?search=an&country=DE&min_orders=2&sort=total_spent"

SEARCHES = ["", "an", "anna", "mar", "sch", "garc", "example", "jos", "li", "ber", "müll", "x"]
FILTERS = ["", "country=DE", "country=AT", "country=FR", "has_phone=true", "kind=person", "email_consent=subscribed"]
SPANS = ["", "min_spent=100.00", "min_orders=2", "has_orders=true", "max_spent=49.90", "added_since=2025-06-01"]
SORTS = ["created_at", "last_order_at", "first_order_at", "total_spent", "orders_count", "first_name", "last_name", "email"]


def sending(binary, product, connections, requests, rate=None):
    command = [binary, str(product.port), product.token, str(connections)] + ([str(rate)] if rate else [])
    sent = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def answers():
        told, _ = sent.communicate("\n".join(requests))
        if sent.returncode != 0:
            raise SystemExit(f"the load ended with {sent.returncode}: {product.said()}")
        return Answers(told)

    return answers


def sent(binary, product, connections, requests):
    return sending(binary, product, connections, requests)()


def lists(count, dice):
    """So many different questions."""
    asked = {}
    while len(asked) < count:
        search, limit = dice.choice(SEARCHES), dice.choice([20, 50, 100])
        words = [f"search={search}" if search else "", dice.choice(FILTERS), dice.choice(SPANS)]
        words += [f"sort={dice.choice(SORTS)}", f"order={dice.choice(['asc', 'desc'])}", f"limit={limit}"]
        path = "/api/v1/customers?" + "&".join(word for word in words if word)
        asked[path.replace("ü", "%C3%BC")] = None
    return [f"GET {path} " for path in asked]


def beside_health(requests):
    """Each after a call that asks nothing of the table, on the same connection."""
    return [line for request in requests for line in ("GET /health ", request)]


def parted(answers):
    """The health's milliseconds, and the others'."""
    return sorted(answers.millis[::2]), sorted(answers.millis[1::2])


def cold(local, binary, data, token, is_forgotten):
    """Milliseconds of the first list after each start. Nothing was asked before: the token is of an earlier one."""
    millis = []
    for _ in range(STARTS):
        if is_forgotten:
            forgotten(data)
        product = Product(local, data)
        try:
            product.token = token
            millis += sent(binary, product, 1, [f"GET {FIRST} "]).all_are(200).millis
        finally:
            product.stop()
    return sorted(millis)


def buyers(product):
    ids, cursor = [], ""
    while len(ids) < BUYERS:
        page = product.call("GET", f"/api/v1/customers?limit=100{cursor}")
        ids += [item["id"] for item in page["items"]]
        cursor = f"&cursor={page['next']}"
    return ids[:BUYERS]


def order(customer):
    lines = '[{"title":"Hausmischung","quantity":2,"price":"12.30"},{"title":"Filter","price":"4.90"}]'
    return f'POST /api/v1/orders {{"customer_id":"{customer}","lines":{lines}}}'


CENTS = 2 * 1230 + 490


def cents(amount):
    whole, part = amount.split(".")
    return int(whole) * 100 + int(part)


def main():
    local, binary, work, customers = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), sys.argv[4]
    data, dice = work / "data", random.Random(1)
    print(f"{machine()}; {load()} at the start; {int(customers):,} customers")
    began = time.monotonic()
    product = Product(local, data, "--customers", customers)
    made = time.monotonic() - began
    size = (data / "table.redb").stat().st_size / 1e6
    token = product.sign_in()
    total = product.call("GET", "/api/v1/orders?limit=1")["total"]
    product.stop()
    print(f"the shop, {total:,} orders, was made in {made:.0f} s; its file has {size:.0f} MB\n", flush=True)

    for title, is_forgotten in [("its file in the system's memory", False), ("its file read from the disk", True)]:
        millis = cold(local, binary, data, token, is_forgotten)
        print(f"first list after a start, {title}: median {statistics.median(millis):.0f} ms, "
              f"slowest of {STARTS} {millis[-1]:.0f} ms (aim < 400); {load()}", flush=True)

    product = Product(local, data)
    try:
        product.sign_in()
        warm(binary, product, dice)
        orders(binary, product, dice)
        print(f"peak RSS {product.peak_mib():.0f} MiB; {load()} at the end")
    finally:
        product.stop()


def warm(binary, product, dice):
    """Each question once before, so that nothing is read or folded for the first time."""
    requests = lists(LISTS, dice)
    sent(binary, product, 1, requests).all_are(200)
    health, asked = parted(sent(binary, product, 1, beside_health(requests)).all_are(200))
    print(f"{LISTS} different lists, warm: median {statistics.median(asked):.1f} ms, p95 {at(asked, 95):.1f} ms (aim < 50); "
          f"/health on the same connection: median {statistics.median(health):.2f} ms, p95 {at(health, 95):.2f} ms; "
          f"p95 {at(asked, 95) / at(health, 95):.0f}×; {load()}", flush=True)


def orders(binary, product, dice):
    health = sent(binary, product, CONNECTIONS, ["GET /health "] * 20_000).all_are(200)
    print(f"the load itself, {CONNECTIONS} connections asking /health: {len(health.millis) / health.seconds:,.0f} calls/s; {load()}")
    members = sent(binary, product, CONNECTIONS, ["GET /api/v1/tenants/me "] * 2_000).all_are(200)
    print(f"/tenants/me, which takes a call of the limits and nothing else: {2_000 / members.seconds:,.0f} calls/s; {load()}")
    ids = buyers(product)
    before = product.call("GET", "/api/v1/orders?limit=1")["total"]
    requests = [order(ids[place % BUYERS]) for place in range(ORDERS)]
    dice.shuffle(requests)
    answers = sent(binary, product, CONNECTIONS, requests).all_are(201)
    millis = sorted(answers.millis)
    print(f"{ORDERS:,} orders over {BUYERS:,} customers, {CONNECTIONS} connections: {ORDERS / answers.seconds:,.0f}/s (aim ≥ 500), "
          f"all 201, median {statistics.median(millis):.0f} ms, p95 {at(millis, 95):.0f} ms; {load()}", flush=True)

    crowded(binary, product, ids[0])
    sent_so_far = ORDERS + AT_ONCE + sum(while_orders_come(binary, product, ids, dice, rate) for rate in RATES)
    after = product.call("GET", "/api/v1/orders?limit=1")["total"]
    if after - before != sent_so_far:
        raise SystemExit(f"{after - before} orders are new and not {sent_so_far}")


def crowded(binary, product, one):
    was = product.call("GET", f"/api/v1/customers/{one}")
    crowd = sent(binary, product, AT_ONCE, [order(one)] * AT_ONCE).all_are(201)
    now = product.call("GET", f"/api/v1/customers/{one}")
    more = (now["orders_count"] - was["orders_count"], cents(now["total_spent"]) - cents(was["total_spent"]))
    if more != (AT_ONCE, AT_ONCE * CENTS):
        raise SystemExit(f"{AT_ONCE} orders at once added {more}")
    print(f"{AT_ONCE} orders at once on one customer: all 201 in {crowd.seconds * 1_000:.0f} ms, count and total exact; {load()}")


def while_orders_come(binary, product, ids, dice, rate):
    """How many came. A token lasts a quarter of an hour."""
    product.sign_in()
    asked = beside_health(lists(LISTS, dice) * 8)
    _, alone = parted(sent(binary, product, 1, asked[: 2 * LISTS]).all_are(200))
    count = rate * RATE_SECONDS if rate else ORDERS
    requests = [order(ids[place % BUYERS]) for place in range(count)]
    dice.shuffle(requests)
    writing = sending(binary, product, CONNECTIONS, requests, rate)
    reading = sending(binary, product, 1, asked)
    # Both begin to send when they are given their requests.
    told = {}
    threads = [
        threading.Thread(target=lambda: told.update(orders=writing())),
        threading.Thread(target=lambda: told.update(lists=reading())),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    written, read = told["orders"].all_are(201), told["lists"].all_are(200)
    passed, during = 0.0, []
    for millis, is_list in zip(read.millis, [False, True] * len(asked)):
        passed += millis / 1_000
        if is_list and passed < written.seconds:
            during.append(millis)
    during.sort()
    print(f"lists before: median {statistics.median(alone):.1f} ms, p95 {at(alone, 95):.1f} ms; {len(during)} lists while {count / written.seconds:,.0f} orders/s came: "
          f"median {statistics.median(during):.1f} ms, p95 {at(during, 95):.1f} ms; "
          f"p95 {at(during, 95) / at(alone, 95):.1f}× (aim < 2×); {load()}", flush=True)
    return count


if __name__ == "__main__":
    main()
