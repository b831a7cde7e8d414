"""Launch, pause, go on: how soon each is done, by the product's answers and the vendor's book.

    moves.py LOCAL WORK CUSTOMERS

LOCAL is the binary, WORK a folder for what is made on the way.
"""

import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from home import Product, load, machine
from killed import Book, delivery, demo_is_there, waited

ROUNDS = 5
LAUNCH_MILLIS = 500
STILL_SECONDS = 5
# Longer than what is looked for.
WATCHED_SECONDS = 8


def made(product, rule):
    return product.call(
        "POST",
        "/api/v1/campaigns",
        {
            "name": rule,
            # Needs no consent: so it goes to all who have an address.
            "kind": "transactional",
            "channel": "email",
            "subject": "Hi {{ customer.first_name | default: \"there\" }}",
            "html": "<p>We have moved.</p>",
            "rule": rule,
        },
        expected=201,
    )["id"]


def timed(product, act, campaign):
    began = time.monotonic()
    product.call("POST", f"/api/v1/campaigns/{campaign}/{act}", {})
    return (time.monotonic() - began) * 1_000


def still_after(book):
    """How many seconds after now the last message was handed over, and how many were."""
    began, last, taken = time.monotonic(), 0.0, book.looked_at()
    first = taken
    while (now := time.monotonic() - began) < WATCHED_SECONDS:
        if book.looked_at() > taken:
            last, taken = now, book.looked_at()
        time.sleep(0.01)
    return last, taken - first


def said(what, values, unit):
    worst = max(values)
    print(f"{what}: median {statistics.median(values):.1f} {unit}, worst {worst:.1f}, of {len(values)}; {load()}", flush=True)
    return worst


def main():
    local, work, customers = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
    data = work / "data"
    print(f"{machine()}; {load()}")
    product = Product(local, data, "--customers", str(customers), "--shopify", "0")
    try:
        waited("the demo shop", lambda: demo_is_there(product, customers))
        book = Book(data / "vendor")
        one = product.call("GET", "/api/v1/customers?limit=1")["items"][0]["email"]
        launches = {"one person": [], "everyone": []}
        pauses, stills, after = [], [], []
        for _ in range(ROUNDS):
            product.sign_in()
            alone = made(product, f"email = '{one}'")
            before = book.looked_at()
            launches["one person"].append(timed(product, "launch", alone))
            waited("the vendor", lambda: book.looked_at() > before)
            campaign = made(product, "EVERYONE")
            before = book.looked_at()
            launches["everyone"].append(timed(product, "launch", campaign))
            waited("the vendor", lambda: book.looked_at() > before + min(customers // 10, 500))
            pauses.append(timed(product, "pause", campaign))
            last, count = still_after(book)
            stills.append(last)
            after.append(count)
            product.call("POST", f"/api/v1/campaigns/{campaign}/cancel", {})
        worst = {who: said(f"launch to {who}", millis, "ms") for who, millis in launches.items()}
        medians = [statistics.median(launches[who]) for who in ("everyone", "one person")]
        print(f"to everyone beside one person: {medians[0] / medians[1]:.2f} times")
        said("pause, answered", pauses, "ms")
        last = said("the last message after that", stills, "s")
        said("messages after that", after, "")
        product.sign_in()
        campaign = made(product, "EVERYONE")
        asked = book.asked()
        timed(product, "launch", campaign)
        launch = time.monotonic()
        (total, _) = waited("the plan", lambda: delivery(product, campaign)["total_messages"])
        waited("the vendor", lambda: book.looked_at() and book.asked() >= asked + total)
        seconds = time.monotonic() - launch
        print(f"all {total} handed over: {seconds:.1f} s, {total / seconds:,.0f} a second; {load()}")
    finally:
        product.kill()
    if worst["everyone"] >= LAUNCH_MILLIS or last > STILL_SECONDS:
        raise SystemExit("slower than it may be")


if __name__ == "__main__":
    main()
