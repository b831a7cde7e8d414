"""A campaign to everyone whose process is killed twice in the middle: the vendor's book is the witness.

    killed.py LOCAL WORK CUSTOMERS CARE

LOCAL is the binary, WORK a folder for what is made on the way. A message that the vendor has taken twice where it must not, one
that it has taken and that is said not to be sent, or one that never comes to an end, ends all with 1.
"""

import collections
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from home import Product, load, machine

# A third and two thirds of all are out when it is killed.
KILLS = 2
LONG_SECONDS = 3_600
LOOK_SECONDS = 0.2
SAID_EACH_SECONDS = 15
FATES = ("pending", "sending", "skipped", "unknown", "failed", "sent", "bounced", "delivered")


class Book:
    """What the vendor was asked, as it wrote it down before it answered."""

    def __init__(self, path):
        self.path = path
        self.read = 0
        self.acceptances = collections.Counter()
        self.refusals = collections.Counter()

    def looked_at(self):
        """What was written since the last look; a line that is being written waits for the next."""
        with open(self.path, "rb") as file:
            file.seek(self.read)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self.read += len(line)
                try:
                    told = json.loads(line)
                except ValueError:
                    # Cut off by the kill: nobody was answered.
                    continue
                if entry := told.get("asked"):
                    which = self.acceptances if entry["vendor_id"] else self.refusals
                    which[entry["message"]] += 1
        return len(self.acceptances)

    def asked(self):
        return self.acceptances.total() + self.refusals.total()


def launched(product, care):
    campaign = product.call(
        "POST",
        "/api/v1/campaigns",
        {
            "name": "To everyone",
            # Needs no consent: so it goes to all who have an address.
            "kind": "transactional",
            "channel": "email",
            "subject": "Hi {{ customer.first_name | default: \"there\" }}",
            "html": "<p>We have moved.</p>",
            "rule": "EVERYONE",
            "care": care,
        },
        expected=201,
    )["id"]
    product.call("POST", f"/api/v1/campaigns/{campaign}/launch", {})
    return campaign


def delivery(product, campaign):
    return product.call("GET", f"/api/v1/campaigns/{campaign}/delivery")


def waited(what, is_so):
    """How long it took. Says now and then how far it is."""
    began = said = time.monotonic()
    while not (told := is_so()):
        now = time.monotonic()
        if now - began > LONG_SECONDS:
            raise SystemExit(f"{what} does not come")
        if now - said > SAID_EACH_SECONDS:
            said = now
            print(f"  {now - began:.0f} s, waiting for {what}; {load()}", flush=True)
        time.sleep(LOOK_SECONDS)
    return told, time.monotonic() - began


def main():
    local, work, customers, care = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    data = work / "data"
    print(f"{machine()}; {load()}")
    began = time.monotonic()
    product = Product(local, data, "--customers", str(customers), "--shopify", "0")
    try:
        waited("the demo shop", lambda: demo_is_there(product, customers))
        print(f"a shop of {customers} customers: {time.monotonic() - began:.0f} s", flush=True)
        campaign = launched(product, care)
        launch = time.monotonic()
        (total, _) = waited("the plan", lambda: delivery(product, campaign)["total_messages"])
        print(f"{total} are chosen: {time.monotonic() - launch:.1f} s", flush=True)
        book = Book(data / "vendor")
        for kill in range(1, KILLS + 1):
            waited("the vendor", lambda: book.looked_at() >= total * kill // (KILLS + 1))
            pid = product.process.pid
            product.kill()
            print(f"killed {pid} with SIGKILL: the vendor has {book.looked_at()}", flush=True)
            product = Product(local, data)
            product.sign_in()
        waited("its end", lambda: ended(product, campaign))
        print(f"it is over: {time.monotonic() - launch:.0f} s since its launch, kills and starts included; {load()}", flush=True)
        book.looked_at()
        told = told_all(product, campaign, book)
    finally:
        product.kill()
    held_against(book, told, total, care)


def demo_is_there(product, customers):
    product.sign_in()
    return product.call("GET", "/api/v1/customers?limit=1")["total"] >= customers


def ended(product, campaign):
    # A token holds for a quarter of an hour.
    product.sign_in()
    status = product.call("GET", f"/api/v1/campaigns/{campaign}")["status"]
    if status in ("failed", "cancelled"):
        raise SystemExit(f"the campaign is {status}")
    return status == "sent"


def told_all(product, campaign, book):
    """Once the vendor has told of all that it has taken: two looks that are alike, but for when they were."""
    before = None
    while True:
        told = delivery(product, campaign)
        counts = {fate: told["counts"][fate] for fate in FATES}
        if counts == before:
            return told
        before = counts
        time.sleep(10)


def held_against(book, told, total, care):
    counts = {fate: told["counts"][fate] for fate in FATES if told["counts"][fate]}
    accepted, twice = len(book.acceptances), sum(count - 1 for count in book.acceptances.values())
    out = sum(counts.get(fate, 0) for fate in ("sent", "delivered", "bounced"))
    unknown, refused = counts.get("unknown", 0), sum(book.refusals.values())
    print(f"the campaign: {counts}")
    print(f"the vendor: took {accepted} messages, {twice} of them once more; refused {refused} times")
    wrong = []
    if twice and care == "never_twice":
        wrong.append(f"{twice} were sent twice")
    if sum(counts.values()) != total:
        wrong.append(f"{sum(counts.values())} are accounted for, and {total} were chosen")
    if counts.get("pending", 0) or counts.get("sending", 0):
        wrong.append("some have not come to an end")
    # What is unknown the vendor may have, or not: never more than that is open.
    if not out <= accepted <= out + unknown:
        wrong.append(f"{out} are said to be out and {unknown} unknown, and the vendor has {accepted}")
    if wrong:
        raise SystemExit("; ".join(wrong))
    print(f"no double{'' if care == 'never_twice' else ' that was not allowed'}; {total} of {total} are accounted for, {unknown} honestly unknown")


if __name__ == "__main__":
    main()
