// How far a sync is, in a browser that is made of nothing: told by a socket, asked for without one, and begun by a button.
// `node --test functions/api/tests/*.mjs` runs these and all beside them.
import assert from "node:assert/strict";
import { test } from "node:test";

import { CONNECTED, open, refusal } from "./browser/page.mjs";
import { settled } from "./browser/timers.mjs";

const ME = "/api/v1/tenants/me";
const STATUS = `GET ${ME}/sync/r1/status`;
const ACTIVE = `GET ${ME}/sync/active`;
const RUNNING = { sync_run_id: "r1", status: "running", progress: 40, step: "Syncing orders", finished_at: null, error: null };
const DONE = { ...RUNNING, status: "completed", progress: 100, step: "Completed", finished_at: "2026-11-22T00:00:00Z" };
const FAILED = { ...DONE, status: "failed", step: "Failed", progress: 60, error: "orders: Shopify has no answer now" };

// A page with a run, and what stands in its part about it.
async function page(answers) {
  const opened = await open("connect", answers);
  const place = opened.part("sync");
  return { ...opened, bar: place.querySelector("progress"), output: place.querySelector("output"), again: opened.part("again") };
}

const failedBefore = (answers) => ({
  [`GET ${ME}/sync-status`]: { recent_jobs: [{ id: "r1" }] },
  [STATUS]: FAILED,
  ...answers,
});

test("a run of which nothing is heard for fifteen seconds is asked for, until it is over", async () => {
  const answers = { [STATUS]: RUNNING };
  const { bar, output, words, timers, sockets: [socket], asked } = await page(answers);
  socket.opens();
  socket.tell("sync:active", [RUNNING]);
  assert.deepEqual(socket.said, ["hello", "sync:subscribe"]);
  await timers.pass(14_000);
  socket.tell("sync:progress", RUNNING);
  await timers.pass(14_999);
  assert.equal(asked(STATUS).length, 0, "it was heard of");
  await timers.pass(1);
  assert.deepEqual([asked(STATUS).length, bar.hidden], [1, false]);
  answers[STATUS] = refusal(503, "down");
  await timers.pass(15_000);
  assert.deepEqual([asked(STATUS).length, bar.hidden], [2, false]);
  answers[STATUS] = DONE;
  await timers.pass(15_000);
  assert.deepEqual([asked(STATUS).length, bar.hidden], [3, true]);
  assert.deepEqual([output.textContent, words("here")], ["Completed (100 %)", "3 customers and 4 orders are here."]);
  await timers.pass(60_000);
  assert.equal(asked(STATUS).length, 3, "it is over");
});

test("a run that ends between two sockets is found over", async () => {
  const answers = { [STATUS]: RUNNING, [ACTIVE]: [RUNNING] };
  const { bar, timers, sockets } = await page(answers);
  sockets[0].opens();
  sockets[0].tell("sync:active", [RUNNING]);
  sockets[0].onclose();
  await timers.pass(15_000);
  sockets[1].opens();
  Object.assign(answers, { [STATUS]: DONE, [ACTIVE]: [] });
  sockets[1].tell("sync:active", []);
  assert.equal(bar.hidden, false);
  await timers.pass(15_000);
  assert.equal(bar.hidden, true);
});

test("where a socket never opens and never says so, the bar moves on all the same", async () => {
  const answers = { [ACTIVE]: [RUNNING] };
  const { bar, output, words, timers, sockets, asked } = await page(answers);
  assert.equal(sockets.length, 1);
  await timers.pass(2_000);
  assert.deepEqual([bar.value, bar.hidden, words("how")], [40, false, "Not live: asked for every 2 seconds."]);
  answers[ACTIVE] = [{ ...RUNNING, progress: 70 }];
  await timers.pass(2_000);
  assert.equal(bar.value, 70);
  answers[ACTIVE] = refusal(503, "down");
  await timers.pass(2_000);
  assert.equal(bar.value, 70);
  Object.assign(answers, { [ACTIVE]: [], [STATUS]: DONE, "GET /api/v1/orders?limit=1": { total: 9 } });
  await timers.pass(2_000);
  assert.deepEqual([bar.hidden, output.textContent], [true, "Completed (100 %)"]);
  assert.equal(words("here"), "3 customers and 9 orders are here.", "what is here is asked for again by itself");
  const count = asked(ACTIVE).length;
  sockets[0].opens();
  await timers.pass(10_000);
  assert.deepEqual([asked(ACTIVE).length, words("how")], [count, "Live: what happens is shown at once."]);
});

test("without a ticket there is no socket, and another is asked for after a while", async () => {
  const answers = { "POST /api/v1/live/tickets": refusal(503, "down"), [ACTIVE]: [RUNNING] };
  const { bar, timers, sockets } = await page(answers);
  await timers.pass(2_000);
  assert.deepEqual([bar.value, sockets.length], [40, 0]);
  delete answers["POST /api/v1/live/tickets"];
  answers["POST /api/v1/live/tickets"] = { url: "wss://crm.test/live", protocols: [] };
  await timers.pass(13_000);
  assert.equal(sockets.length, 1);
});

test("a shop that goes and comes while a ticket is asked for has one socket", async () => {
  const tickets = [];
  const answers = { "POST /api/v1/live/tickets": () => new Promise((done) => tickets.push(done)) };
  const { document, sockets, timers } = await page(answers);
  const shop = async (state) => {
    document.dispatchEvent({ type: "shop", detail: { state } });
    await settled();
  };
  await shop("disconnected");
  await shop("connected");
  assert.equal(tickets.length, 2);
  tickets.forEach((given) => given({ url: "wss://crm.test/live", protocols: [] }));
  await timers.pass(20_000);
  assert.equal(sockets.length, 1);
});

test("a run that has failed says why, and a button tries it again", async () => {
  const answers = failedBefore({
    [`POST ${ME}/sync/r1/retry`]: { sync_run_id: "r2" },
    [`GET ${ME}/sync/r2/status`]: { ...RUNNING, sync_run_id: "r2", progress: 5 },
  });
  const { bar, output, again, press, asked } = await page(answers);
  assert.deepEqual([output.textContent, bar.hidden], ["Failed: orders: Shopify has no answer now", true]);
  assert.deepEqual([again.textContent, again.disabled], ["Try again", false]);
  await press(again);
  assert.deepEqual([output.textContent, bar.value, bar.hidden], ["Syncing orders (5 %)", 5, false]);
  assert.equal(again.disabled, true, "one runs");
  await press(again);
  const [call, ...more] = asked(`POST ${ME}/sync/r1/retry`);
  assert.deepEqual([call.headers["X-CSRF-Token"], more.length], ["c1", 0]);
});

test("the button waits for its answer, and shows a refusal where it stands", async () => {
  let answer;
  const answers = failedBefore({ [`POST ${ME}/sync/r1/retry`]: () => new Promise((done) => (answer = done)) });
  const { output, again, press, asked } = await page(answers);
  await press(again);
  assert.equal(again.disabled, true);
  await press(again);
  assert.equal(asked(`POST ${ME}/sync/r1/retry`).length, 1, "pressed twice, asked once");
  answer(refusal(409, "a sync is under way: r7"));
  await settled();
  assert.deepEqual([output.textContent, again.disabled], ["a sync is under way: r7", false]);
  delete answers[`POST ${ME}/sync/r1/retry`];
  answers[`POST ${ME}/sync/r1/retry`] = () => {
    throw new TypeError("failed to fetch");
  };
  await press(again);
  assert.deepEqual([output.textContent, again.disabled], ["The server did not answer. Try again.", false]);
});

test("personal data that are denied are told in words that help", async () => {
  const { output } = await page(failedBefore({ [STATUS]: { ...FAILED, error: "customers: Shopify denies customers" } }));
  assert.match(output.textContent, /^Failed: customers: Shopify denies customers\. .*review.*allowed.*try again\.$/s);
});

test("of a shop that lets us in no more nothing is watched or asked", async () => {
  const answers = { [STATUS]: FAILED };
  const { part, words, said, shows, timers, sockets: [socket], calls, press } = await page(answers);
  socket.opens();
  socket.tell("sync:active", [RUNNING]);
  assert.ok(shows("sync"));
  answers[`GET ${ME}/shop`] = { ...CONNECTED, state: "needs_reauth", events: null, orders: null, api: null };
  socket.tell("sync:failed", FAILED);
  await settled();
  assert.match(said(), /does not let us into nordlicht.myshopify.com any more/);
  assert.deepEqual([shows("sync"), socket.isClosed, shows("told")], [false, true, true]);
  assert.match(words("here"), /customers/);
  await assert.rejects(press(part("again")));
  const before = calls.length;
  await timers.pass(50_000);
  assert.equal(calls.length, before);
});
