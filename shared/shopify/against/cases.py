"""Cases good and bad, made anew because some of them hold now and not in a minute. Signed here with Python's own hmac.

`differs` names who may judge otherwise than shared/shopify does, and why that is right.
"""
import base64
import hashlib
import hmac
import json
import time
from urllib.parse import quote

NOW = int(time.time())
NEW, OLD = "a secret that nobody else knows, really", "a secret that nobody else knew, until then"
APP = {"client_id": "client", "secret": NEW, "old_secret": OLD}
SHOP = "nordlicht.myshopify.com"
cases = []


def mac(secret, message):
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).digest()


def case(kind, name, differs=None, **more):
    cases.append({"kind": kind, "name": name, "differs": differs or {}, **more})


# Webhooks: the status that is answered.
BODY = '{"id":820982911946154508,"name":"Zoë"}'


def webhook(name, differs=None, by=NEW, body=BODY, sent=None, prefix="X-Shopify-", method="POST", **headers):
    told = {
        "Hmac-Sha256": base64.b64encode(mac(by, body)).decode(),
        "Topic": "orders/create",
        "Shop-Domain": SHOP,
        "API-Version": "2026-10",
        "Webhook-Id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
        **{key.replace("_", "-"): value for key, value in headers.items()},
    }
    told = {prefix + key: value for key, value in told.items() if value is not None}
    case("webhook", name, differs, method=method, headers=told, body=body if sent is None else sent)


LAX = "Shopify's Python looks at the signature alone; what the event is about must be known as well"
webhook("right")
webhook("right, by the old secret", by=OLD)
webhook("right, as an event", prefix="shopify-")
webhook("right, in capitals", prefix="X-SHOPIFY-")
webhook("by another secret", by="another secret, as long as those that are ours")
webhook("by an empty secret", by="")
webhook("with another body", sent=BODY.replace("8", "9", 1))
webhook("with a blank behind", sent=BODY + " ")
webhook("without a signature", Hmac_Sha256=None)
webhook("with an empty signature", Hmac_Sha256="")
webhook("with a signature that is no base64", Hmac_Sha256="%%%")
webhook("with half a signature", Hmac_Sha256=base64.b64encode(mac(NEW, BODY)).decode()[:20])
webhook("with its signature in hex", Hmac_Sha256=mac(NEW, BODY).hex())
webhook("with a signature without padding", Hmac_Sha256=base64.b64encode(mac(NEW, BODY)).decode().rstrip("="))
webhook("by GET", {"node": "Shopify's Node leaves the method to whoever routes"}, method="GET")
webhook("without a body", {"python": "Shopify's Python takes a signed nothing for an event"}, body="")
for header in ("Topic", "Shop-Domain", "API-Version", "Webhook-Id"):
    webhook(f"without {header}", {"python": LAX}, **{header.replace("-", "_"): None})
UNREAD = "the libraries hand a header on as it is; what is no shop's domain is no shop's word"
webhook("of no shop", {"node": UNREAD, "python": UNREAD}, Shop_Domain="evil.com")


# What comes in the query of /auth/callback.
def query(name, differs=None, by=NEW, at=NOW, sent=None, **more):
    pairs = {"code": "0907a61c", "host": "YWRtaW4", "shop": SHOP, "state": "abc", "timestamp": str(at), **more}
    pairs = {key: value for key, value in pairs.items() if value is not None}
    encode = lambda text: quote(text, safe="*-._").replace("~", "%7E")
    signed = "&".join(f"{encode(key)}={encode(pairs[key])}" for key in sorted(pairs))
    raw = f"hmac={mac(by, signed).hex()}&{signed}"
    case("query", name, differs, raw=sent(raw) if sent else raw)


query("right")
query("right, with what is new to us", session="f00", embedded="1", id_token="a.b-c_d")
query("right, in another order", sent=lambda raw: "&".join(reversed(raw.split("&"))))
query("right, with letters to encode", state="ä b&c=d+e~f*g/%")
query("by another secret", by="another secret, as long as those that are ours")
query("by an empty secret", by="")
query("without a signature", sent=lambda raw: raw.split("&", 1)[1])
query("with an empty signature", sent=lambda raw: "hmac=&" + raw.split("&", 1)[1])
query("signed in capitals", sent=lambda raw: raw[:5] + raw[5:69].upper() + raw[69:])
query("of another shop", sent=lambda raw: raw.replace("nordlicht", "evil"))
query("with a pair more", sent=lambda raw: raw + "&more=1")
query("with a pair less", sent=lambda raw: raw.replace("&state=abc", ""))
query("with two pairs folded into one", sent=lambda raw: raw.replace("&state=abc", "%26state%3Dabc"))
query("80 seconds old", at=NOW - 80)
query("two minutes old", at=NOW - 120)
query("of in two minutes", at=NOW + 120)
query("without a time", timestamp=None)
query("of no time", timestamp="soon")
query(
    "right, with one name twice",
    {"node": "Shopify's Node takes the last of two; two readers could take different ones"},
    sent=lambda raw: raw + f"&shop={SHOP}",
)


# Session tokens.
def b64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(name, differs=None, by=NEW, header=None, digest=hashlib.sha256, spoil=None, **claims):
    told = {
        "iss": f"https://{SHOP}/admin", "dest": f"https://{SHOP}", "aud": "client", "sub": "42",
        "exp": NOW + 60, "nbf": NOW, "iat": NOW, "jti": "1", "sid": "2", **claims,
    }
    told = {key: value for key, value in told.items() if value is not None}
    signed = ".".join(b64(json.dumps(part).encode()) for part in (header or {"alg": "HS256", "typ": "JWT"}, told))
    raw = f"{signed}.{b64(hmac.new(by.encode(), signed.encode(), digest).digest())}"
    case("token", name, differs, raw=spoil(raw) if spoil else raw)


BOTH = lambda why: {"node": why, "python": why}
AGREE = "the libraries believe whatever is signed; a token whose maker and shop differ is none of App Bridge's"
ENDLESS = "the libraries take a token without it; App Bridge's have one"
token("right")
token("right, by the old secret", by=OLD)
token("by another secret", by="another secret, as long as those that are ours")
token("by an empty secret", by="")
token("by HS512", header={"alg": "HS512", "typ": "JWT"}, digest=hashlib.sha512)
token("by nobody", header={"alg": "none"}, spoil=lambda raw: raw.rsplit(".", 1)[0] + ".")
token("cut", spoil=lambda raw: raw[:-5])
token("with another claim", spoil=lambda raw: raw.replace(".", ".e30", 1))
token("of no form", spoil=lambda raw: "token")
token("for another app", aud="another")
token("for us and another", aud=["client", "another"])
token("ended 4 seconds ago", exp=NOW - 4, nbf=NOW - 64, iat=NOW - 64)
token("ended half a minute ago", exp=NOW - 30, nbf=NOW - 90, iat=NOW - 90)
token("begins in a minute", nbf=NOW + 60, exp=NOW + 120)
token("made in a minute", {"node": "Shopify's Node does not look when it was made; its Python does"}, iat=NOW + 60)
token("without an end", BOTH(ENDLESS), exp=None)
token("without a beginning", BOTH(ENDLESS), nbf=None)
token("of another shop's admin", BOTH(AGREE), iss="https://other.myshopify.com/admin")
token("of no shop", BOTH(AGREE), iss="https://evil.com/admin", dest="https://evil.com")

# Shop domains.
WIDER = {"node": "domains of Shopify's own staging, and names that no shop has: nobody but Shopify needs them"}
for domain in (
    SHOP, "7.myshopify.com", "a-b.myshopify.com", "admin.shopify.com/store/nordlicht",
    "", "nordlicht", ".myshopify.com", "-a.myshopify.com", "a.b.myshopify.com", "evil.com",
    "a.myshopify.com.evil.com", "evil.com/a.myshopify.com", "evil.com#.myshopify.com", "evil.com@a.myshopify.com",
    "a.myshopify.com:80", "a.myshopify.com/admin", "a.myshopify.com\n", " a.myshopify.com", "https://a.myshopify.com",
    "admin.shopify.com/store/", "admin.evil.com/store/a", "ä.myshopify.com",
):
    case("domain", domain)
PASTED = {"node": "people paste the address of whatever page of the admin they are on"}
case("domain", "admin.shopify.com/store/a/orders", PASTED)
for domain in ("a.shopify.com", "a.myshopify.io", "a.shop.dev", "a_b.myshopify.com", "a.myshopify.com/"):
    case("domain", domain, WIDER)
case("domain", "A.MyShopify.com", {"node": "capitals mean the same in a host's name; ours come out small"})

# A document within the admin that has no token: where it goes for one. And who may frame one that has.
for raw in ("", f"shop={SHOP}", f"shop={SHOP}&host=YWRtaW4&embedded=1&id_token=old.token.x", "id_token=old&a=%20b+c"):
    case("bounce", raw)
case("frame", SHOP, session_token=next(it["raw"] for it in cases if it["kind"] == "token"))

# What is posted for tokens.
case("ask", "exchange", session_token=next(it["raw"] for it in cases if it["kind"] == "token"))
case("ask", "refresh", refresh_token="shprt_0123")

print(json.dumps({"now": NOW, "app": APP, "shop": SHOP, "cases": cases}))
