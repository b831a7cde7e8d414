"""Measures over HTTP what is worked out from the audience: previews of segments, and every route of figures.

    figures.py LOCAL WORK CUSTOMERS

LOCAL is the binary, WORK a folder for what is made on the way. The routes are those of the product's own
document, so one that is new is measured, or ends all because nobody has said with what.
"""

import http.client
import json
import pathlib
import random
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from home import Product, at, load, machine

PREVIEWS = 300
ROUNDS = 25
# Worked out anew each time, so asked less often.
ROUNDS_ANEW = 10
PREVIEW_AIM, FIGURES_AIM = 30, 50
PATIENCE_SECONDS = 600

HEALTH = ("GET", "/health", None)
# A token is for a quarter of an hour.
SIGNED_IN_SECONDS = 600
TIMES = ["timeframe=7d", "timeframe=30d", "timeframe=90d", "timeframe=365d", "since=2025-01-15&until=2026-02-20"]
# What a route is asked with besides nothing.
MORE = {
    "/api/v1/analytics/dashboard": TIMES,
    "/api/v1/analytics/revenue": TIMES,
    "/api/v1/analytics/revenue/trend": ["days=7", "days=90", "days=365&by=month", "since=2025-01-15&until=2026-01-10&by=week"],
    "/api/v1/analytics/revenue/summary": TIMES,
    "/api/v1/analytics/customers": TIMES,
    "/api/v1/analytics/customers/top": ["metric=orders", "timeframe=90d"],
    "/api/v1/analytics/products/top": ["metric=units", "timeframe=90d"],
    "/api/v1/analytics/cohorts": ["months=6", "months=36"],
}
GROUPS = ["CHAMPIONS", "LOYAL", "AT_RISK", "DORMANT"]
SEGMENT = "number_of_orders >= 2 AND last_order_date >= -180d"

# What merchants ask: each with numbers drawn anew.
LEAVES = [
    "amount_spent >= {hundred}", "number_of_orders >= {few}", "number_of_orders = {few}", "last_order_date >= -{days}d",
    "last_order_date < -{days}d", "NOT last_order_date >= -{days}d", "first_order_date BETWEEN -{days}d AND today",
    "customer_added_date < -{days}d", "customer_countries CONTAINS 'DE'", "customer_tags NOT CONTAINS 'wholesale'",
    "email_subscription_status = 'SUBSCRIBED'", "email ENDS WITH 'example.com'",
    "orders_placed MATCHES (date >= -{days}d, count >= {few})", "orders_placed MATCHES (amount > {hundred}, date >= -{days}d)",
    "bucket('spring') BETWEEN 0 AND {few}9",
]  # fmt: skip


def rules(dice):
    drawn = {}
    while len(drawn) < PREVIEWS:
        leaves = dice.sample(LEAVES, dice.randint(1, 4))
        rule = f" {dice.choice(['AND', 'AND', 'OR'])} ".join(leaves)
        drawn[rule.format(hundred=dice.randint(1, 20) * 25, few=dice.randint(1, 5), days=dice.randint(1, 700))] = None
    return [("POST", "/api/v1/segments/preview", {"rule": rule}) for rule in drawn]


class Line:
    """One connection, which stays open."""

    def __init__(self, product):
        self.product, self.signed_in = product, time.monotonic()
        self.connection = http.client.HTTPConnection("127.0.0.1", product.port, timeout=600)

    def sent(self, requests):
        """One after the other: milliseconds to the answer's last byte; each must be answered 200 or 201."""
        if time.monotonic() - self.signed_in > SIGNED_IN_SECONDS:
            self.product.sign_in()
            self.signed_in = time.monotonic()
        headers = {"authorization": f"Bearer {self.product.token}", "content-type": "application/json"}
        millis = []
        for method, path, body in requests:
            told = None if body is None else json.dumps(body)
            start = time.perf_counter()
            self.connection.request(method, path, told, headers)
            answer = self.connection.getresponse()
            said = answer.read()
            millis.append((time.perf_counter() - start) * 1_000)
            if answer.status not in (200, 201):
                raise SystemExit(f"{method} {path} {told or ''} was answered {answer.status}: {said[:300]!r}")
        return millis

    def beside(self, other, requests):
        """Each request after another one: the other's milliseconds, and theirs."""
        millis = self.sent([one for request in requests for one in (other(), request)])
        return sorted(millis[::2]), sorted(millis[1::2])


def questions(product, customers, segment, campaign):
    """All that is asked, by route."""
    asked = {"/api/v1/tenants/me/stats": ["/api/v1/tenants/me/stats"]}
    filled = {"customer": customers, "group": GROUPS, "segment": [segment], "campaign": [campaign]}
    for path, item in product.call("GET", "/openapi.json")["paths"].items():
        told = item.get("get")
        if told is None or told.get("deprecated") or "analytics" not in path:
            continue
        paths = [path]
        for name, values in filled.items():
            paths = [one.replace(f"{{{name}}}", value) for one in paths for value in values] if f"{{{name}}}" in path else paths
        if "{" in paths[0]:
            raise SystemExit(f"nobody has said with what {path} is to be asked")
        asked[path] = paths + [f"{path}?{query}" for query in MORE.get(path, [])]
    return {path: [("GET", one, None) for one in asked[path]] for path in sorted(asked)}


def drafted(product):
    """A campaign that nobody has got: what is asked of one that was sent is more by what became of it."""
    words = {"name": "Spring", "kind": "newsletter", "channel": "email", "subject": "Hi", "html": "<p>Hi</p>", "rule": "EVERYONE"}
    return product.call("POST", "/api/v1/campaigns", words, expected=201)["id"]


def ready(product):
    """The scores are worked out, which a new shop otherwise waits for until its next day."""
    product.call("POST", "/api/v1/analytics/rfm/recalculate", {}, expected=202)
    until = time.monotonic() + PATIENCE_SECONDS
    while not product.call("GET", "/api/v1/analytics/rfm")["cuts"]["made_at"]:
        if time.monotonic() > until:
            raise SystemExit("nobody worked out the scores")
        time.sleep(1)


def told(name, asked, trivial, aim):
    p95 = at(asked, 95)
    print(f"| {name} | {statistics.median(asked):.1f} | {p95:.1f} | {statistics.median(trivial):.2f} | "
          f"{statistics.median(asked) / statistics.median(trivial):.0f}× | {'met' if p95 < aim else '**missed**'} |", flush=True)


def main():
    local, work, count = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
    dice = random.Random(1)
    print(f"{machine()}; {load()} at the start; {int(count):,} customers")
    product = Product(local, work / "data", "--customers", count)
    try:
        product.sign_in()
        ready(product)
        ids = [one["id"] for one in product.call("GET", "/api/v1/customers?sort=total_spent&limit=5")["items"]]
        segment = product.call("POST", "/api/v1/segments", {"name": "Again", "rule": SEGMENT}, expected=201)["id"]
        orders = product.call("GET", "/api/v1/orders?limit=1")["total"]
        print(f"{orders:,} orders. Milliseconds; beside them the call before each, on the same connection: /health, or an order.\n")
        print("| asked | median | p95 | the call before, median | ÷ | |\n|---|---|---|---|---|---|")
        line, previews = Line(product), rules(dice)
        first = line.sent(previews)
        trivial, asked = line.beside(lambda: HEALTH, previews)
        told(f"{PREVIEWS} different previews, warm, p95 < {PREVIEW_AIM}", asked, trivial, PREVIEW_AIM)
        figures = questions(product, ids, segment, drafted(product))
        for kind, rounds, other in [
            ("nothing has changed", ROUNDS, lambda: HEALTH),
            ("an order came before each", ROUNDS_ANEW, lambda: order(dice.choice(ids))),
        ]:
            print(f"| *{kind}; each p95 < {FIGURES_AIM}* | | | | | |")
            for path, requests in figures.items():
                line.sent(requests)
                before, asked = line.beside(other, requests * rounds)
                told(path, asked, before, FIGURES_AIM)
        print(f"\nThe previews the first time: median {statistics.median(first):.1f} ms, slowest {max(first):.1f} ms.")
        print(f"Peak RSS {product.peak_mib():.0f} MiB; {load()} at the end")
    finally:
        product.stop()


def order(customer):
    lines = [{"title": "Hausmischung", "quantity": 2, "price": "12.30"}, {"title": "Filter", "price": "4.90"}]
    return "POST", "/api/v1/orders", {"customer_id": customer, "lines": lines}


if __name__ == "__main__":
    main()
