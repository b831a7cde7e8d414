"""Brings a file of customers to the product, kills it on the way, and brings the same file to PostgreSQL.

    million.py LOCAL WORK ROWS

LOCAL is the binary, WORK a folder for what is made on the way. A row too few or too many ends all.
"""

import csv
import http.client
import pathlib
import random
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

import postgres
from home import Product, load, machine

KILLED_AT = [30, 60]
EACH_SECONDS = 1
SAID_EACH_SECONDS = 20

FIRST = ["Ada", "José", "Łucja", "Mia", "Björn", "Chloé", "Paul", "Søren", "Greta", "Tim", "Ines", "Olga"]
LAST = ["Müller", "García", "Nowak", "Dubois", "Jensen", "Rossi", "Bauer", "Lindqvist", "Costa", "Weber"]
CITIES = [("Hamburg", "DE"), ("Madrid", "ES"), ("Lyon", "FR"), ("Wien", "AT"), ("Aarhus", "DK"), ("Kraków", "PL")]
HEADER = ["email", "first_name", "last_name", "phone", "city", "country", "tags", "email_consent", "orders_count", "total_spent"]


def written(path, rows):
    """Every second one has a telephone number. The same rows each time."""
    dice = random.Random(1)
    with open(path, "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(HEADER)
        for number in range(rows):
            city, country = dice.choice(CITIES)
            phone = f"+49151{number:08}" if number % 2 else ""
            orders = dice.randrange(8)
            tags = dice.choice(["", "", "vip", "tea, coffee", "new"])
            spent = f"{orders * dice.randrange(900, 9000) / 100:.2f}"
            consent = dice.choice(["yes", "no", ""])
            email = f"person.{number}@example.com"
            table.writerow([email, dice.choice(FIRST), dice.choice(LAST), phone, city, country, tags, consent, orders, spent])


def brought(product, path):
    """A job whose file is there, and started."""
    size = path.stat().st_size
    job = product.call("POST", "/api/v1/imports", {"of": "customers", "bytes": size, "file": path.name}, expected=201)
    link = urllib.parse.urlsplit(job["upload"]["url"])
    connection = http.client.HTTPConnection(link.hostname, link.port, timeout=600)
    with open(path, "rb") as file:
        connection.request("PUT", f"{link.path}?{link.query}", file, {"content-length": str(size)})
        answer = connection.getresponse()
        told = answer.read()
    connection.close()
    if answer.status not in (200, 201, 204):
        raise SystemExit(f"the file was answered {answer.status}: {told[:300]!r}")
    product.call("POST", f"/api/v1/imports/{job['id']}/start", expected=202)
    return job["id"]


class Followed:
    """A job until it has ended, through deaths of the process."""

    def __init__(self, start, product, job, killed_at):
        self.start, self.product, self.job = start, product, job
        self.peak_mib, self.down_seconds, self.steps = 0.0, 0.0, {}
        began = said = signed = time.monotonic()
        killed_at = list(killed_at)
        while True:
            told = self.product.call("GET", f"/api/v1/jobs/{job}")
            self.peak_mib = max(self.peak_mib, self.product.peak_mib())
            now = time.monotonic()
            self.steps.setdefault(told["step"], now - began)
            if told["state"] in ("done", "failed", "cancelled"):
                self.told, self.seconds = told, now - began - self.down_seconds
                return
            if now - said >= SAID_EACH_SECONDS:
                said = now
                print(f"  {now - began:.0f} s: {told['percent']} %, {told['rows']:,} rows, {told['step']}; "
                      f"peak {self.peak_mib:.0f} MiB; {load()}", flush=True)
            if killed_at and told["percent"] >= killed_at[0]:
                print(f"  killed at {told['percent']} % with {told['rows']:,} rows counted", flush=True)
                killed_at.pop(0)
                self.product.kill()
                self.product = self.start()
                signed = 0
                self.down_seconds += time.monotonic() - now
            if now - signed > 600:
                self.product.sign_in()
                signed = now
            time.sleep(EACH_SECONDS)


def expected(told, **counts):
    wrong = {name: told[name] for name in counts if told[name] != counts[name]}
    if told["state"] != "done" or wrong:
        raise SystemExit(f"expected {counts}, but the job says {told}")


def main():
    local, work, rows = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
    data, path = work / "data", work / "customers.csv"
    written(path, rows)
    print(f"{machine()}; {load()} at the start; {rows:,} rows, {path.stat().st_size / 1e6:.0f} MB\n", flush=True)

    copied = postgres.copied(path, rows, work)
    print(f"PostgreSQL {copied.version}, COPY into a table with its three indexes: {copied.seconds:.1f} s, "
          f"{rows / copied.seconds:,.0f} rows/s; {load()}", flush=True)

    started = []

    def start():
        started.append(Product(local, data, "--empty"))
        started[-1].sign_in()
        return started[-1]

    product = start()
    try:
        followed = Followed(start, product, brought(product, path), KILLED_AT)
        product = followed.product
        expected(followed.told, rows=rows, failed=0)
        counted = followed.told["created"] + followed.told["updated"] + followed.told["unchanged"]
        total = product.call("GET", "/api/v1/customers?limit=1")["total"]
        if (counted, total) != (rows, rows):
            raise SystemExit(f"{counted:,} rows were counted, and {total:,} customers are in the list, of {rows:,}")
        print(f"imported, killed {len(KILLED_AT)} times: {followed.seconds:.0f} s without the deaths, "
              f"{rows / followed.seconds:,.0f} rows/s; created {followed.told['created']:,}, updated {followed.told['updated']:,}, "
              f"unchanged {followed.told['unchanged']:,}; the list has {total:,}; peak RSS {followed.peak_mib:.0f} MiB; {load()}")
        print("  " + ", ".join(f"{step} from {seconds:.0f} s" for step, seconds in followed.steps.items()), flush=True)
        print(f"  its file has {(data / 'table.redb').stat().st_size / 1e6:,.0f} MB; PostgreSQL's table and indexes {copied.megabytes:,.0f} MB")
        product.stop()

        product = start()
        again = Followed(start, product, brought(product, path), [])
        expected(again.told, rows=rows, failed=0, created=0, updated=0, unchanged=rows)
        total = product.call("GET", "/api/v1/customers?limit=1")["total"]
        if total != rows:
            raise SystemExit(f"{total:,} customers after the same file again")
        print(f"the same file again: {again.seconds:.0f} s, {rows / again.seconds:,.0f} rows/s, nothing changed; peak RSS {again.peak_mib:.0f} MiB; {load()}")
    finally:
        for product in started:
            product.stop()


if __name__ == "__main__":
    main()
