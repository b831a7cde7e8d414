// The page for connecting, in a browser that is made of nothing: what it says of a shop in each state, and its forms.
import assert from "node:assert/strict";
import { test } from "node:test";

import { CONNECTED, open, refusal } from "./browser/page.mjs";

const SHOP = "GET /api/v1/tenants/me/shop";
const NEVER = { state: "never", shop: null, connected_at: null, events: null, orders: null, api: null, unreached: null };
const closed = (state) => ({ ...NEVER, state, shop: CONNECTED.shop });
const FORMS = ["sign-in", "connect", "disconnect"];
const PARTS = ["sync", "health", "told", "privacy"];

const shown = (page, ids) => ids.filter((id) => page.shows(id));

test("in each state the page says how it is, and shows what can be done", async () => {
  for (const [told, words, forms, parts] of [
    [NEVER, /No shop is connected yet/, ["connect"], []],
    [CONNECTED, /is connected\.$/, ["disconnect"], PARTS],
    [closed("needs_reauth"), /does not let us into nordlicht.myshopify.com any more. Connect it again/, ["connect"], PARTS.slice(1)],
    [closed("disconnected"), /is disconnected/, ["connect"], PARTS.slice(1)],
    [closed("uninstalled"), /was removed from nordlicht/, ["connect"], PARTS.slice(1)],
    [refusal(403, "the tenant is suspended"), /^the tenant is suspended$/, [], []],
  ]) {
    const page = await open("connect", { [SHOP]: told });
    assert.match(page.said(), words);
    assert.deepEqual([shown(page, FORMS), shown(page, PARTS)], [forms, parts], String(words));
  }
});

test("who has not signed in does so here, and a wrong password is told", async () => {
  const answers = {
    [SHOP]: refusal(401, "sign in first"),
    "GET /api/auth/me": refusal(401, "sign in first"),
    "POST /api/auth/login": refusal(401, "mail address or password is wrong"),
  };
  const page = await open("connect", answers, { cookie: "" });
  assert.deepEqual(shown(page, [...FORMS, ...PARTS]), ["sign-in"]);
  page.part("email").value = "ada@example.com";
  page.part("password").value = "secret";
  await page.submit("sign-in");
  assert.equal(page.said(), "mail address or password is wrong");
  assert.equal(page.asked("POST /api/auth/refresh").length, 0, "there is nothing to renew");
  Object.assign(answers, { [SHOP]: CONNECTED, "POST /api/auth/login": {} });
  await page.submit("sign-in");
  const [, { body }] = page.asked("POST /api/auth/login");
  assert.deepEqual({ ...body }, { email: "ada@example.com", password: "secret" });
  assert.deepEqual(shown(page, FORMS), ["disconnect"]);
});

test("what was in the way is told until the shop is connected", async () => {
  const at = "?error=store_taken&shop=nordlicht.myshopify.com";
  const page = await open("connect", { [SHOP]: NEVER }, { at });
  assert.match(page.said(), /connected to another account/);
  assert.equal(page.part("shop").value, "nordlicht.myshopify.com");
  const later = await open("connect", {}, { at });
  assert.doesNotMatch(later.said(), /another account/);
});

test("a refusal to disconnect is told, and the button can be pressed again", async () => {
  const path = "POST /api/v1/tenants/me/shop/disconnect";
  const answers = { [path]: refusal(403, "only owners may") };
  const page = await open("connect", answers);
  const button = page.part("disconnect").querySelector("button");
  await page.submit("disconnect");
  assert.deepEqual([page.said(), button.disabled], ["only owners may", false]);
  Object.assign(answers, { [path]: {}, [SHOP]: closed("disconnected") });
  await page.submit("disconnect");
  assert.match(page.said(), /is disconnected/);
  assert.ok(page.sockets[0].isClosed);
});

test("a shop out of reach, an older version of the API and orders that are not shown are told", async () => {
  const told = {
    ...CONNECTED,
    unreached: { why: "frozen", since: "2026-11-20T10:00:00Z" },
    api: { advice: "update Regulars soon" },
    orders: { shown: "recent", days: 60, allow_all_at: "https://admin.test/allow" },
  };
  for (const name of ["connect", "app"]) {
    const page = await open(name, { [SHOP]: told });
    assert.match(page.said(), /cannot be reached since .*Shopify has frozen it/);
    assert.deepEqual([page.words("version"), page.shows("version")], ["update Regulars soon", true]);
    assert.match(page.words("recent"), /last 60 days alone/);
    assert.deepEqual([page.shows("recent"), page.part("allow").href], [true, "https://admin.test/allow"]);
    const well = await open(name);
    assert.deepEqual([well.shows("version"), well.shows("recent")], [false, false]);
  }
});

test("who was let in for minutes is let in again, once for all calls, and no loop comes of it", async () => {
  let access = "old";
  const let_in = (answer) => () => (access === "old" ? refusal(401, "sign in first") : answer);
  const answers = {
    [SHOP]: let_in(CONNECTED),
    "POST /api/auth/refresh": () => ((access = "new"), {}),
  };
  const page = await open("connect", answers);
  assert.match(page.said(), /is connected\.$/);
  const [renewal, ...more] = page.asked("POST /api/auth/refresh");
  assert.deepEqual([renewal.headers["X-CSRF-Token"], more.length], ["c1", 0]);
  Object.assign(answers, { [SHOP]: refusal(401, "no"), "GET /api/auth/me": refusal(401, "no") });
  const outside = await open("connect", answers);
  assert.equal(outside.asked(SHOP).length, 2);
  assert.ok(outside.shows("sign-in"));
});

test("a wrong password is asked once, whoever was signed in before", async () => {
  const login = "POST /api/auth/login";
  const answers = {
    [SHOP]: refusal(401, "sign in first"),
    "GET /api/auth/me": refusal(401, "sign in first"),
    "POST /api/auth/refresh": refusal(401, "it has ended"),
    [login]: refusal(401, "mail address or password is wrong"),
  };
  const page = await open("connect", answers);
  answers["POST /api/auth/refresh"] = {};
  await page.submit("sign-in");
  assert.deepEqual([page.asked(login).length, page.said()], [1, "mail address or password is wrong"]);
});
