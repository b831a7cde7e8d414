"""The verdicts of shopifyapp. It does not know OAuth's queries, nor shop domains by themselves: nothing is said of those."""
import json
import sys

import httpx
from shopify_app.exchange.refresh_token import refresh_access_token
from shopify_app.exchange.token_exchange import token_exchange
from shopify_app.verify.app_home_req import verify_app_home_req
from shopify_app.verify.webhook import verify_webhook_req

given = json.load(sys.stdin)
app = given["app"]
config = {"client_id": app["client_id"], "client_secret": app["secret"], "old_client_secret": app["old_secret"]}
URL = "https://app.example.com/app"


def posted(ask):
    bodies = []

    def answer(request):
        bodies.append(json.loads(request.content))
        pair = {"access_token": "x", "expires_in": 1, "refresh_token": "y", "refresh_token_expires_in": 1, "scope": ""}
        return httpx.Response(200, json=pair)

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        ask(client)
    return " ".join(sorted(f"{key}={value}" for key, value in bodies[0].items()))


def home(raw):
    request = {"method": "GET", "url": URL, "headers": {"Authorization": f"Bearer {raw}"}, "body": ""}
    return verify_app_home_req(request, config, "/auth/patch-id-token")


def judge(it):
    match it["kind"]:
        case "webhook":
            request = {"method": it["method"], "url": URL, "headers": it["headers"], "body": it["body"]}
            return str(verify_webhook_req(request, config).response.status)
        case "token":
            return "yes" if home(it["raw"]).ok else "no"
        case "bounce":
            query = it["name"] and f"?{it['name']}"
            request = {"method": "GET", "url": f"{URL}{query}", "headers": {}, "body": ""}
            told = verify_app_home_req(request, config, "/auth/bounce")
            return told.response.headers["Location"].removeprefix("https://app.example.com")
        case "frame":
            url = f"{URL}?id_token={it['session_token']}"
            request = {"method": "GET", "url": url, "headers": {}, "body": ""}
            return verify_app_home_req(request, config, "/auth/bounce").response.headers["Content-Security-Policy"]
        case "ask" if it["name"] == "exchange":
            id_token = home(it["session_token"]).id_token
            return posted(lambda client: token_exchange("offline", config, id_token, http_client=client))
        case "ask":
            token = {
                "shop": given["shop"].removesuffix(".myshopify.com"), "access_mode": "offline", "token": "x", "scope": "",
                "refresh_token": it["refresh_token"], "expires": "2020-01-01T00:00:00Z",
                "refresh_token_expires": "2100-01-01T00:00:00Z",
            }
            return posted(lambda client: refresh_access_token(token, config, http_client=client))
    return None


print(json.dumps([judge(it) for it in given["cases"]]))
