// What the shop told lately, in a browser that is made of nothing: the list, its buttons, and how it learns that something came.
import assert from "node:assert/strict";
import { test } from "node:test";

import { CONNECTED, open, refusal } from "./browser/page.mjs";

const LIST = "GET /api/v1/tenants/me/webhooks?limit=50";
const NEWEST = "GET /api/v1/tenants/me/webhooks?limit=1";
const REPLAY = "POST /api/v1/tenants/me/webhooks/17.a%2Fb/replay";
const EVENT = {
  id: "17.a/b", at: "2026-11-22T10:00:00Z", topic: "orders/create", status: "failed", error: null, unread: null,
  left_out: null, because: null, advice: null, attempts: 3, can_be_replayed: false,
};
const FAILED = { ...EVENT, error: "no answer", can_be_replayed: true };
const texts = (row) => row.all("td").map((it) => it.textContent);

test("an empty list says so, and one that cannot be had says why", async () => {
  const answers = { [LIST]: { items: [], next: null } };
  const page = await open("app", answers);
  assert.equal(page.asked(LIST).length, 0, "nobody has looked");
  assert.deepEqual(await page.unfold("told"), []);
  assert.equal(page.words("told-said"), "Nothing in the last seven days.");
  assert.equal(page.part("told").querySelector("table").hidden, true);
  answers[LIST] = refusal(403, "you may not read orders");
  await page.press("told-again");
  assert.equal(page.words("told-said"), "you may not read orders");
});

test("what somebody wrote is shown as they wrote it, and is never markup", async () => {
  const markup = `<img src=x onerror="alert('Ada')"> & ada@example.com`;
  const page = await open("connect", { [LIST]: { items: [{ ...FAILED, topic: markup, error: markup, advice: markup }], next: "c" } });
  const [row] = await page.unfold("told");
  const [, topic, became] = texts(row);
  assert.equal(topic, markup);
  assert.ok(became.startsWith(`failed: ${markup}${markup}`), became);
  assert.equal(row.all("img").length, 0);
  assert.equal(page.words("told-said"), "The last 50 events.");
});

test("an event is taken up once more by its button, and what becomes of it is shown", async () => {
  const answers = { [LIST]: { items: [FAILED, EVENT], next: null }, [REPLAY]: FAILED };
  const page = await open("app", answers);
  const [failed, other] = await page.unfold("told");
  assert.equal(other.all("button").length, 0, "it cannot be");
  await page.press(failed.querySelector("button"));
  const [call, ...more] = page.asked(REPLAY);
  assert.deepEqual([call.headers["X-CSRF-Token"], more.length], ["c1", 0]);
  assert.match(page.words("told-said"), /orders\/create is taken up once more/);
  answers[LIST] = { items: [{ ...EVENT, status: "applied", attempts: 4 }], next: null };
  await page.timers.pass(3_000);
  const [done] = page.part("told").querySelector("tbody").all("tr");
  assert.deepEqual(texts(done).slice(1), ["orders/create", "applied", "4"]);
});

test("a refusal stands beside the button that was pressed, which waits for its answer", async () => {
  let answer;
  const answers = { [LIST]: { items: [FAILED], next: null }, [REPLAY]: () => new Promise((done) => (answer = done)) };
  const page = await open("app", answers);
  const [row] = await page.unfold("told");
  const button = row.querySelector("button");
  await page.press(button);
  assert.equal(button.disabled, true);
  await page.press(button);
  assert.equal(page.asked(REPLAY).length, 1);
  answer(refusal(409, "what it said is not kept any more"));
  await page.timers.pass(0);
  assert.deepEqual([row.querySelector("output").textContent, button.disabled], ["what it said is not kept any more", false]);
  assert.equal(page.document.activeElement, button);
});

test("what is shown is asked for again when something came, and not before", async () => {
  const answers = { [LIST]: { items: [], next: null } };
  const page = await open("app", answers);
  await page.unfold("told");
  const health = "GET /api/v1/tenants/me/shop/health";
  await page.timers.pass(30_000);
  assert.deepEqual([page.asked(NEWEST).length, page.asked(health).length, page.asked(LIST).length], [4, 1, 1]);
  answers[NEWEST] = { items: [EVENT] };
  answers[LIST] = { items: [EVENT], next: null };
  await page.timers.pass(10_000);
  assert.deepEqual([page.asked(health).length, page.asked(LIST).length], [2, 2]);
  assert.equal(page.part("told").querySelector("tbody").all("tr").length, 1);
  page.document.hidden = true;
  await page.timers.pass(60_000);
  assert.equal(page.asked(NEWEST).length, 5, "nobody looks");
});

test("what comes while the page has just been opened is news, too", async () => {
  const answers = {};
  const page = await open("app", answers);
  await page.timers.pass(8_000);
  answers[NEWEST] = { items: [EVENT] };
  await page.timers.pass(2_000);
  assert.equal(page.asked("GET /api/v1/tenants/me/shop/health").length, 2);
});

test("a shop that has left us is found gone, once", async () => {
  const shop = "GET /api/v1/tenants/me/shop";
  const gone = refusal(403, "the store is disconnected");
  for (const [state, looks] of [["uninstalled", 0], ["connected", 3]]) {
    const answers = {};
    const page = await open("app", answers);
    Object.assign(answers, { [NEWEST]: gone, "GET /api/v1/tenants/me/shop/health": gone, [shop]: { ...CONNECTED, state } });
    await page.timers.pass(10_000);
    assert.match(page.said(), state === "connected" ? /is connected/ : /was removed from nordlicht/);
    assert.deepEqual([page.words("complete"), page.part("health").querySelector("div").hidden], ["the store is disconnected", true]);
    const asked = page.asked(NEWEST).length;
    await page.timers.pass(30_000);
    assert.deepEqual([page.asked(shop).length, page.asked(NEWEST).length - asked], [2, looks], "no loop");
  }
});
