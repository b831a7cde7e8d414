// One campaign's page, in a browser that is made of nothing: its counts climb, and what can be done with it is done.
import assert from "node:assert/strict";
import { test } from "node:test";

import { open, refusal } from "./browser/page.mjs";
import { settled } from "./browser/timers.mjs";

const ONE = "/api/v1/campaigns/c1";
const CAMPAIGN = {
  name: "<b>Spring</b>", status: "sending", next_at: null, ended_at: null, can: ["pause", "cancel", "duplicate"],
  plan: { left_out: [{ reason: "no_address", count: 0 }, { reason: "no_consent", count: 110 }] },
  moves: [{ act: "launched", at: "2026-11-22T10:00:00Z", user: "u1", key: null }, { act: "planned", at: "2026-11-22T10:00:01Z", user: null, key: null }],
};
const counts = (told) => ({
  chosen: 200, pending: 200, sending: 0, sent: 0, delivered: 0, bounced: 0, failed: 0, unknown: 0, skipped: 0, opened: 0, clicked: 0,
  unsubscribed: 0, complained: 0, reasons: {}, ...told,
});
const USUAL = {
  [`GET ${ONE}`]: CAMPAIGN,
  [`GET ${ONE}/delivery`]: { counts: counts() },
  "GET /api/v1/members?limit=100": { items: [{ id: "u1", name: "Ada" }] },
};
const shown = (answers) => open("campaign", Object.assign(answers, { ...USUAL, ...answers }), { pathname: "/campaigns/c1" });
const rows = (page, id) => page.part(id).querySelector("tbody").all("tr").map((row) => row.all("td").map((it) => it.textContent));
const buttons = (page) => page.part("acts").all("button");
const bar = (page) => page.part("campaign").querySelector("progress");

test("counts climb as they are told over a socket, and another status is looked at", async () => {
  const answers = {};
  const page = await shown(answers);
  assert.deepEqual([page.words("name"), page.words("status"), page.part("name").all("b").length], ["<b>Spring</b>", "It is sending.", 0]);
  assert.deepEqual(rows(page, "counts"), [["People chosen", "200"], ["Not sent yet", "200"], ["Delivered", "0"]]);
  assert.deepEqual(rows(page, "reasons"), [["no consent, as it was planned", "110"]]);
  assert.deepEqual(rows(page, "moves").map(([, ...rest]) => rest), [["launched", "Ada"], ["planned", "Regulars"]]);
  const [socket] = page.sockets;
  socket.opens();
  await settled();
  const asked = page.asked(`GET ${ONE}`).length;
  assert.match(page.words("how"), /^Live/);
  socket.tell("campaigns:counts", { campaign_id: "c2", status: "sending", ...counts({ pending: 1 }) });
  assert.equal(bar(page).value, 0, "that is another campaign");
  socket.tell("campaigns:counts", { campaign_id: "c1", status: "sending", ...counts({ pending: 50, delivered: 149, failed: 1, reasons: { address_refused: 1 } }) });
  assert.deepEqual([bar(page).value, bar(page).hidden], [75, false]);
  assert.deepEqual(rows(page, "counts").slice(1), [["Not sent yet", "50"], ["Delivered", "149"], ["Refused", "1"]]);
  assert.deepEqual(rows(page, "reasons")[1], ["address refused", "1"]);
  await page.timers.pass(60_000);
  assert.equal(page.asked(`GET ${ONE}`).length, asked, "nothing is asked for while it is told");
  answers[`GET ${ONE}`] = { ...CAMPAIGN, status: "sent", can: [], ended_at: "2026-11-22T11:00:00Z" };
  socket.tell("campaigns:counts", { campaign_id: "c1", status: "sent", ...counts({ pending: 0, delivered: 200 }) });
  await settled();
  assert.match(page.words("status"), /^It is sent, over since /);
  assert.deepEqual([bar(page).hidden, buttons(page).length], [true, 0]);
});

test("without a socket it is asked for, until one is open, and again once it has closed", async () => {
  const answers = {};
  const page = await shown(answers);
  assert.match(page.words("how"), /^Not live/);
  answers[`GET ${ONE}/delivery`] = { counts: counts({ pending: 0, sent: 200 }) };
  await page.timers.pass(5_000);
  assert.deepEqual(rows(page, "counts")[2], ["Sent, no more known yet", "200"], "the socket hangs while it opens");
  page.sockets[0].opens();
  await settled();
  page.sockets[0].close();
  const asked = page.asked(`GET ${ONE}`).length;
  await page.timers.pass(5_000);
  assert.equal(page.asked(`GET ${ONE}`).length, asked + 1);
  await page.timers.pass(10_000);
  assert.equal(page.sockets.length, 2);
});

test("what can be done is offered, what cannot be taken back is asked twice, and a refusal is told", async () => {
  const answers = { [`POST ${ONE}/pause`]: refusal(409, "it is over"), [`POST ${ONE}/cancel`]: {} };
  const page = await shown(answers);
  assert.deepEqual(buttons(page).map((it) => it.textContent), ["Pause", "Cancel"]);
  await page.press(buttons(page)[0]);
  await page.timers.pass(5_000);
  assert.equal(page.said(), "it is over", "also when it was looked at again");
  assert.equal(buttons(page)[0].disabled, false, "it may be tried again");
  await page.press(buttons(page)[1]);
  await page.timers.pass(5_000);
  assert.deepEqual([page.asked(`POST ${ONE}/cancel`).length, buttons(page)[1].textContent], [0, "Yes, cancel it for good"]);
  answers[`GET ${ONE}`] = { ...CAMPAIGN, status: "cancelled", can: ["archive"] };
  await page.press(buttons(page)[1]);
  assert.deepEqual([page.asked(`POST ${ONE}/cancel`).length, page.words("status"), buttons(page).length], [1, "It is cancelled.", 0]);
});

test("why it asks is said, and when it begins", async () => {
  const asks = { ...CAMPAIGN, status: "draft", plan: null, can: ["launch"], reason: "its time passed before it could begin: schedule it anew, or launch it now" };
  const page = await shown({ [`GET ${ONE}`]: asks, [`GET ${ONE}/delivery`]: { counts: counts({ chosen: 0, pending: 0 }) } });
  assert.equal(page.words("status"), `It is a draft. ${asks.reason}.`);
  assert.deepEqual([buttons(page)[0].textContent, bar(page).hidden, page.words("nobody")], ["Launch now", true, "There is nobody of whom that is known."]);
  assert.deepEqual([page.shows("change"), page.part("change").href], [true, "/campaigns/new?draft=c1"]);
  const waits = await shown({ [`GET ${ONE}`]: { ...asks, status: "scheduled", reason: undefined, next_at: "2026-12-01T10:00:00Z" } });
  assert.match(waits.words("status"), /^It is scheduled, begins .*2026/);
  assert.equal(waits.shows("change"), false);
});

test("who has not signed in does so here, and what is not there is told", async () => {
  const answers = { [`GET ${ONE}`]: refusal(401, "sign in"), "POST /api/auth/refresh": refusal(401, "over"), "POST /api/auth/login": refusal(401, "wrong password") };
  const page = await shown(answers);
  assert.deepEqual([page.said(), page.shows("sign-in"), page.shows("campaign"), page.sockets.length], ["Sign in to see this campaign.", true, false, 0]);
  await page.submit("sign-in");
  assert.equal(page.said(), "wrong password");
  Object.assign(answers, { [`GET ${ONE}`]: CAMPAIGN, "POST /api/auth/login": {} });
  await page.submit("sign-in");
  assert.deepEqual([page.said(), page.shows("sign-in"), page.shows("campaign"), page.sockets.length], ["", false, true, 1]);
  const none = await shown({ [`GET ${ONE}`]: refusal(404, "no such campaign") });
  assert.deepEqual([none.said(), none.shows("campaign"), none.sockets.length], ["no such campaign", false, 0]);
});
