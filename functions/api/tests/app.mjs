// The app's page, in a browser that is made of nothing: by itself with cookies, and within Shopify's admin by App Bridge's word.
import assert from "node:assert/strict";
import { test } from "node:test";

import { CONNECTED, HEALTHY, open, refusal } from "./browser/page.mjs";
import { settled } from "./browser/timers.mjs";

const SHOP = "GET /api/v1/tenants/me/shop";
const HEALTH = "GET /api/v1/tenants/me/shop/health";
const DONE = { sync_run_id: "r1", status: "completed", progress: 100, step: "Completed", finished_at: "2026-11-22T00:00:00Z", error: null };
const ENTER = "POST /api/auth/shopify";
const PARTS = ["sync", "health", "told", "privacy"];
const closed = (state) => ({ ...CONNECTED, state, events: null, orders: null, api: null });

// Within the admin: each session token is another, and so is what it is taken for.
function admin(answers) {
  let [asked, entered] = [0, 0];
  const bridge = { idToken: async () => `session-${(asked += 1)}` };
  answers[ENTER] ??= () => ({ access_token: `access-${(entered += 1)}` });
  return open("app", answers, { bridge, cookie: "" });
}

test("by itself the page shows all that it has of a shop, and leads to where it is connected", async () => {
  const page = await open("app");
  assert.equal(page.said(), "nordlicht.myshopify.com is connected.");
  assert.deepEqual([page.words("who"), page.words("events"), page.words("orders")], ["ada@example.com", "everything that we ask for", "all"]);
  assert.deepEqual([...PARTS, "facts", "elsewhere", "connect"].map(page.shows), [true, true, true, true, true, true, false]);
  assert.equal(page.sockets.length, 1);
});

test("who has not signed in is told so", async () => {
  const page = await open("app", { [SHOP]: refusal(401, "sign in first") }, { cookie: "" });
  assert.equal(page.said(), "Nobody has signed in here.");
  assert.deepEqual([...PARTS, "facts", "elsewhere"].map(page.shows), [false, false, false, false, false, true]);
  const never = await open("app", { [SHOP]: { ...closed("never"), shop: null, connected_at: null } });
  assert.deepEqual([never.said(), ...PARTS.map(never.shows)], ["No shop is connected yet.", false, false, false, false]);
});

test("within the admin all calls bear the token that App Bridge's word was taken for, the ticket's too", async () => {
  const page = await admin({});
  assert.equal(page.said(), "nordlicht.myshopify.com is connected.");
  const [first, ...rest] = page.calls;
  assert.deepEqual([first.name, first.headers.Authorization], [ENTER, "Bearer session-1"]);
  assert.ok(rest.length >= 6, String(rest.length));
  for (const { name, headers } of rest) assert.equal(headers.Authorization, "Bearer access-1", name);
  assert.deepEqual([...page.sockets[0].protocols], ["regulars", "ticket.t"]);
  assert.deepEqual([...PARTS, "elsewhere", "connect"].map(page.shows), [true, true, true, true, false, false]);
});

test("a token that has ended is had anew, once for all that are turned away by it", async () => {
  const answers = {};
  const page = await admin(answers);
  const fresh = (answer) => ({ headers }) => (headers.Authorization === "Bearer access-2" ? answer : refusal(401, "ended"));
  for (const of of ["customers", "orders"]) answers[`GET /api/v1/${of}?limit=1`] = fresh({ total: 7 });
  answers[HEALTH] = fresh(HEALTHY);
  page.sockets[0].tell("sync:completed", DONE);
  await settled();
  assert.equal(page.words("here"), "7 customers and 7 orders are here.");
  assert.equal(page.asked(ENTER).length, 2);
  assert.equal(page.calls.at(-1).headers.Authorization, "Bearer access-2");
});

test("why nobody is let in is told, and a second session token is tried first", async () => {
  let tries = 0;
  const late = await admin({ [ENTER]: () => ((tries += 1) === 1 ? refusal(401, "expired") : { access_token: "a" }) });
  assert.deepEqual([tries, late.said()], [2, "nordlicht.myshopify.com is connected."]);
  const taken = await admin({ [ENTER]: refusal(403, "this shop is connected to another account") });
  assert.equal(taken.said(), "this shop is connected to another account");
  assert.deepEqual(PARTS.map(taken.shows), [false, false, false, false]);
});

test("a shop that has to be connected again says so within the admin, and a button does it", async () => {
  const answers = { [SHOP]: closed("needs_reauth") };
  const page = await admin(answers);
  assert.match(page.said(), /does not let us into/);
  assert.deepEqual(["sync", "told", "connect"].map(page.shows), [false, true, true]);
  answers[SHOP] = CONNECTED;
  await page.press("connect");
  assert.deepEqual(page.asked(ENTER).map(({ body }) => body.connect), [false, true]);
  assert.deepEqual([page.said(), page.shows("sync"), page.shows("connect")], ["nordlicht.myshopify.com is connected.", true, false]);
});

test("what is shown is asked for again when a sync has ended", async () => {
  const answers = {};
  const page = await open("app", answers);
  const [socket] = page.sockets;
  socket.opens();
  answers["GET /api/v1/customers?limit=1"] = { total: 300 };
  assert.deepEqual([page.asked(HEALTH).length, page.asked(SHOP).length], [1, 1]);
  socket.tell("sync:completed", DONE);
  await settled();
  assert.equal(page.words("here"), "300 customers and 4 orders are here.");
  assert.deepEqual([page.asked(HEALTH).length, page.asked(SHOP).length], [2, 2]);
  assert.equal(page.asked("GET /api/auth/me").length, 1, "who it is stays so");
});

test("what a server that is away leaves unsaid is said", async () => {
  const page = await open("app", { [SHOP]: () => { throw new TypeError("failed to fetch"); } });
  assert.equal(page.said(), "The server did not answer. Try again.");
});
