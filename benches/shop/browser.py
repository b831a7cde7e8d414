"""A merchant's browser, as far as connecting a shop needs one: it keeps cookies and goes where it is sent."""

import http.client
import json
import urllib.parse


class Browser:
    def __init__(self, port):
        self.port, self.cookies = port, {}

    def go(self, method, path, body=None):
        """The status, where it is sent, and the text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if isinstance(body, dict) and method == "POST" and path.startswith("/shopify/"):
            headers["content-type"] = "application/x-www-form-urlencoded"
            body = urllib.parse.urlencode(body)
        elif body is not None:
            headers |= {"content-type": "application/json", "origin": f"http://127.0.0.1:{self.port}"}
            body = json.dumps(body)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        for told in answer.headers.get_all("set-cookie") or []:
            name, value = told.split(";", 1)[0].split("=", 1)
            self.cookies[name] = value
        return answer.status, answer.headers.get("location"), text

    def sent(self, path):
        """Where a page sends the browser on, as a path here."""
        status, to, text = self.go("GET", path)
        if status not in (302, 303):
            raise SystemExit(f"GET {path} was answered {status}: {text[:300]!r}")
        url = urllib.parse.urlsplit(to)
        return f"{url.path}?{url.query}" if url.query else url.path


def connected(product, owner, shop):
    """Signs in, asks to connect, agrees on the shop's page, and comes back."""
    browser = Browser(product.port)
    status, _, text = browser.go("POST", "/api/auth/login", {"email": owner["email"], "password": owner["password"]})
    if status != 200:
        raise SystemExit(f"signing in was answered {status}: {text[:300]!r}")
    asked = browser.sent(f"/auth?shop={shop}")
    status, _, screen = browser.go("GET", asked)
    if status != 200 or "Install this app?" not in screen:
        raise SystemExit(f"the shop's question was answered {status}: {screen[:300]!r}")
    back = browser.sent(asked.replace("/admin/oauth/authorize?", "/admin/oauth/install?"))
    arrived = browser.sent(back)
    if "error" in arrived:
        raise SystemExit(f"the shop was not connected: {arrived}")
    return browser
