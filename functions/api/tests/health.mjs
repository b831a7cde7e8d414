// How well the shop is followed, in a browser that is made of nothing.
import assert from "node:assert/strict";
import { test } from "node:test";

import { HEALTHY, open, refusal } from "./browser/page.mjs";

const HEALTH = "GET /api/v1/tenants/me/shop/health";
const rows = (page, id) => page.part(id).querySelector("tbody").all("tr").map((row) => row.all("td").map((it) => it.textContent));
const clock = (at) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
const topic = (name, age, dropped, late) => ({ topic: name, last_event_age: age, duplicates_dropped: dropped, late_refused: late });

test("both pages say up to when the shop is here, and what its events came to by kind", async () => {
  const until = new Date();
  until.setHours(14, 32);
  const topics = [topic("<i>orders</i>/create", 42, 2, 1), topic("products/update", 3_900, 0, 0), topic("shop/update", 900_000, 0, 0), topic("app/x", null, 0, 0)];
  for (const name of ["app", "connect"]) {
    const page = await open(name, { [HEALTH]: { ...HEALTHY, complete_until: until.toISOString(), topics } });
    assert.ok(page.words("complete").startsWith(`Complete to ${clock(until)}: `), page.words("complete"));
    assert.deepEqual(rows(page, "topics"), [
      ["<i>orders</i>/create", "42 s ago", "2", "1"],
      ["products/update", "1 h ago", "0", "0"],
      ["shop/update", "10 days ago", "0", "0"],
      ["app/x", "never", "0", "0"],
    ]);
    assert.equal(page.part("topics").all("i").length, 0);
    assert.deepEqual([page.shows("topics"), page.shows("gaps")], [true, false]);
    assert.match(page.words("missed"), /^No gaps were found; they were looked for at /);
  }
});

test("gaps are told by what was missed, as nobody can tell by which kind of event", async () => {
  const gaps = { ...HEALTHY.gaps, orders: 3, deletions: 1, first: ["order s7001"] };
  const page = await open("app", { [HEALTH]: { ...HEALTHY, gaps } });
  assert.deepEqual([rows(page, "gaps"), page.shows("gaps")], [[["Orders", "3"], ["Deletions, of any of these", "1"]], true]);
  assert.match(page.words("missed"), /an event that never came has no kind\. The first: order s7001\.$/);
});

test("of a shop that has told nothing and was never here as a whole just that is said", async () => {
  const page = await open("app", { [HEALTH]: { ...HEALTHY, complete_until: null, reconciled_at: null, next_sync_at: null, orders_since: "2026-09-01T00:00:00Z" } });
  assert.match(page.words("complete"), /^Not complete yet: .* Orders of before .* are not here/);
  assert.deepEqual([page.words("counted"), page.shows("topics")], ["The shop has told of nothing yet.", false]);
  assert.equal(page.words("missed"), "No gaps were found; they were not looked for yet.");
});

test("ages grow with each minute while somebody looks, and what is in the way is told", async () => {
  const answers = {};
  const page = await open("app", answers);
  assert.equal(page.asked(HEALTH).length, 1);
  answers[HEALTH] = refusal(403, "your role may not");
  await page.timers.pass(60_000);
  assert.deepEqual([page.asked(HEALTH).length, page.words("complete")], [2, "your role may not"]);
  page.document.hidden = true;
  await page.timers.pass(60_000);
  assert.equal(page.asked(HEALTH).length, 2);
});
