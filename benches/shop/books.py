"""The product's account of a shop, held against the shop's own books: every customer and every order."""

import collections
import csv
import http.client
import io
import json
import time
import urllib.parse

# What the record counts: `refunded` is counted as money that came and went again, and adds nothing.
SALES = ("paid", "partially_paid", "partially_refunded")
SHOWN = 5


def lines(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        told = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise SystemExit(f"GET {path} was answered {answer.status}")
    return [json.loads(line) for line in told.splitlines()]


def exported(product, kind):
    """The rows of an export, by id; of an order with several lines, the first."""
    job = product.call("POST", f"/api/v1/exports/{kind}", {}, expected=202)
    while job["state"] not in ("done", "failed", "cancelled"):
        time.sleep(0.2)
        job = product.call("GET", f"/api/v1/jobs/{job['id']}")
    if job["state"] != "done":
        raise SystemExit(f"the export of {kind} ended {job['state']}: {job}")
    link = urllib.parse.urlsplit(job["file_url"])
    connection = http.client.HTTPConnection(link.hostname, link.port, timeout=600)
    try:
        connection.request("GET", f"{link.path}?{link.query}")
        told = connection.getresponse().read().decode()
    finally:
        connection.close()
    rows = {}
    for row in csv.DictReader(io.StringIO(told)):
        rows.setdefault(row["id"], row)
    return rows


def cents(amount):
    whole, _, rest = (amount or "0").partition(".")
    sign = -1 if whole.startswith("-") else 1
    return int(whole) * 100 + sign * int((rest + "00")[:2])


class Books:
    """What the shop says, in the product's words."""

    def __init__(self, port, shop):
        self.orders = {f"s{order['id']}": order for order in lines(port, f"/shopify/{shop}/shop/orders.jsonl")}
        self.customers = {f"s{customer['id']}": customer for customer in lines(port, f"/shopify/{shop}/shop/customers.jsonl")}
        self.bought = collections.defaultdict(lambda: [0, 0])
        for order in self.orders.values():
            if order["customer"] and counts(order):
                bought = self.bought[f"s{order['customer']}"]
                bought[0] += 1
                bought[1] += total(order) - order["refunded"]

    def customer(self, id):
        told = self.customers[id]
        orders, spent = self.bought[id]
        return {
            "first_name": told["first_name"] or "", "last_name": told["last_name"] or "",
            "email": (told["email"] or "").lower(), "phone": told["phone"] or "",
            "tags": sorted(tag.lower() for tag in told["tags"]),
            "email_consent": told["email_consent"], "orders": orders, "spent": spent,
        }

    def order(self, id):
        told = self.orders[id]
        return {
            "name": told["name"], "customer": f"s{told['customer']}" if told["customer"] else "",
            "total": total(told), "refunded": told["refunded"], "status": told["state"],
            "cancelled": told["cancelled"], "test": told["test"],
        }


def total(order):
    """What the customer was asked to pay: what it is worth by now and what was paid back, or more than was asked for first."""
    if order["cancelled"]:
        return order["total"]
    now = order["current_total"] + order["refunded"]
    return now if order["is_edited"] else min(now, order["total"])


def counts(order):
    return not order["test"] and not order["cancelled"] and order["state"] in SALES


def known_customer(row):
    tags = json.loads(row["tags"]) if row["tags"].startswith("[") else [tag for tag in row["tags"].split(", ") if tag]
    return {
        "first_name": row["first_name"], "last_name": row["last_name"], "email": row["email"], "phone": row["phone"],
        "tags": sorted(tag.lower() for tag in tags), "email_consent": row["email_consent"] or "not_subscribed",
        "orders": int(row["orders_count"]), "spent": cents(row["total_spent"]),
    }


def known_order(row):
    return {
        "name": row["name"], "customer": row["customer_id"], "total": cents(row["total"]), "refunded": cents(row["refunded"]),
        "status": row["status"], "cancelled": bool(row["cancelled_at"]), "test": row["test"] == "yes",
    }


def differences(product, shop):
    """How many customers and orders are not as the shop has them, and the first of them in words."""
    books = Books(product.port, shop)
    sides = [
        ("customer", books.customers, books.customer, exported(product, "customers"), known_customer),
        ("order", books.orders, books.order, exported(product, "orders"), known_order),
    ]
    wrong, shown = {}, []
    for what, theirs, in_books, ours, known in sides:
        told = []
        for id in theirs:
            if id not in ours:
                told.append(f"{what} {id} is missing")
                continue
            is_so, should_be = known(ours[id]), in_books(id)
            parts = [f"{name} is {is_so[name]!r}, and {should_be[name]!r} in the books" for name in is_so if is_so[name] != should_be[name]]
            if parts:
                told.append(f"{what} {id}: {'; '.join(parts)}")
        told += [f"{what} {id} is nobody's in the books" for id in ours if id not in theirs]
        wrong[what] = len(told)
        shown += told[:SHOWN]
    return wrong, shown, (len(books.customers), len(books.orders))
