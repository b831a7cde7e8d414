"""How soon links in messages answer at home: pictures, clicks, ways out, beside /health on the same connections.

    links.py LOCAL LOAD WORK CUSTOMERS

LOCAL and LOAD are the binaries, WORK a folder for what is made on the way. The links are made by the installation's own key, of
the messages in the simulated vendor's book, as `flows::links` makes them.
"""

import base64
import hashlib
import hmac
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from home import Answers, Product, at, load, machine
from killed import Book, ended, launched, waited

CONNECTIONS, PER_SECOND, EACH = 8, 100, 2_000
AIM_MILLIS = 10
TARGET = "https://kaffeehaus.example/products/roast-1?utm_source=newsletter"


def tag(signing, told):
    mac = hmac.new(signing, b"message link\0" + told.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def doors(signing, messages):
    def path(door, message, end=""):
        return f"/t/{door}/{message}.{tag(signing, f'{door} {message}')}{end}"

    def click(message):
        led = base64.urlsafe_b64encode(TARGET.encode()).rstrip(b"=").decode()
        return f"/t/click/{message}.{led}.{tag(signing, f'click {message} {TARGET}')}"

    return [
        ("`/health`", 200, ["GET /health " for _ in messages]),
        ("picture: it was opened", 200, [f"GET {path('open', one, '.gif')} " for one in messages]),
        ("click: it leads on", 302, [f"GET {click(one)} " for one in messages]),
        ("page of the way out", 200, [f"GET {path('unsubscribe', one)} " for one in messages]),
        ("page of what they want", 200, [f"GET {path('preferences', one)} " for one in messages]),
        ("the way out, by one click", 200, [f"POST {path('unsubscribe', one)} " for one in messages]),
    ]


def main():
    local, sending, work, customers = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), sys.argv[4]
    data = work / "data"
    print(f"{machine()}; {load()} at the start; {int(customers):,} customers", flush=True)
    product = Product(local, data, "--customers", customers, "--shopify", "0")
    try:
        product.sign_in()
        campaign = launched(product, "never_twice")
        waited("its end", lambda: ended(product, campaign))
        book = Book(data / "vendor")
        book.looked_at()
        messages = sorted(book.acceptances)[:EACH]
        secrets = json.loads((data / "keys.json").read_text())["secrets"]
        signing = base64.b64decode(secrets["signing"])
        print(f"{len(messages):,} messages, each link once, {CONNECTIONS} connections, {PER_SECOND} a second. Milliseconds.\n")
        print("| asked | p50 | p99 | slowest | ÷ `/health`, p50 | |\n|---|---|---|---|---|---|")
        trivial = None
        for what, status, requests in doors(signing, messages):
            done = subprocess.run([sending, str(product.port), "none", str(CONNECTIONS), str(PER_SECOND)],
                                  input="\n".join(requests), stdout=subprocess.PIPE, text=True, check=True)
            millis = sorted(Answers(done.stdout).all_are(status).millis)
            half, most = at(millis, 50), at(millis, 99)
            trivial = trivial or half
            print(f"| {what} | {half:.2f} | {most:.2f} | {millis[-1]:.1f} | {half / trivial:.1f}× "
                  f"| {'met' if most < AIM_MILLIS else '**missed**'} |", flush=True)
        print(f"\n{load()} at the end")
    finally:
        product.stop()


if __name__ == "__main__":
    main()
