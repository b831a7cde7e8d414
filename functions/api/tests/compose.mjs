// A new campaign's page, in a browser that is made of nothing: four steps from whom it is for to when it goes out.
import assert from "node:assert/strict";
import { test } from "node:test";

import { open, refusal } from "./browser/page.mjs";

const ALL = "/api/v1/campaigns";
const ONE = `${ALL}/c1`;
const FOOTER = { type: "footer", text: "You get this because you agreed to hear from {{ shop.name }}." };
const DRAFT = {
  id: "c1", version: 1, status: "draft", name: "Spring", kind: "newsletter", channel: "email", segment_id: "s1", rule: null, trial: null,
  subject: "Hello", preheader: null, text: null, // As a server may put what it keeps: in another order.
  blocks: { blocks: [{ text: "One", type: "text" }, { text: "Two", type: "text" }, FOOTER] },
  budget: "20.00", cap: null, held_out_percent: 10,
};
const REVIEW = {
  audience_size: 1500, chosen: 1200, deferred: 0, cost: { amount: "1.20", currency: "EUR", unpriced: 0 },
  left_out: [{ reason: "no_address", count: 0 }, { reason: "no_consent", count: 300 }],
  sample: [{ customer: { name: "Mo" }, message: { skipped: "no name" } }, { customer: { name: "<i>Ann</i>" }, message: { subject: "Hello", text: "One" } }],
};
const WORDS = {
  text: "amount_spent > 500", explanation: "Who spent over 500.", not_understood: [], assumptions: [], warnings: [], questions: [],
  can_be_counted: true, reasons: [],
};
const USUAL = {
  [`GET ${ALL}?status=draft&limit=5`]: { items: [] },
  "GET /api/v1/segments?limit=100": { items: [{ id: "s1", name: "VIP" }], next: "a/b" },
  "GET /api/v1/segments?limit=100&cursor=a%2Fb": { items: [{ id: "s2", name: "New" }], next: null },
  [`POST ${ALL}/preview-audience`]: { audience_size: 1500, chosen: 1200 },
  [`POST ${ALL}`]: DRAFT,
  [`PUT ${ONE}`]: { ...DRAFT, version: 2 },
  [`GET ${ONE}`]: DRAFT,
  [`POST ${ONE}/preview`]: REVIEW,
  [`POST ${ONE}/launch`]: {},
  [`POST ${ONE}/schedule`]: {},
  [`POST ${ONE}/test`]: { to: ["ada@example.com"], suppressed: [] },
  "POST /api/v1/ai/smart-scheduling": { best_day: null, reasoning: "not enough data" },
};
const shown = (answers = {}, at = "") => open("compose", Object.assign(answers, { ...USUAL, ...answers }), { pathname: "/campaigns/new", at });
const stands = (page) => ["whom", "says", "review", "when"].filter((id) => page.shows(id));
const told = (page, name) => page.asked(name).at(-1).body;
const notes = (page, id) => page.part(id).all("li").map((it) => it.textContent);

async function counted(page, told = { segment: "s2" }) {
  page.write(told);
  await page.press("count");
  await page.press("to-says");
}

test("from whom to when: a segment is counted, a mail kept, looked at, tried, and launched when it was asked twice", async () => {
  const answers = {};
  const page = await shown(answers);
  assert.deepEqual(stands(page), ["whom"]);
  assert.deepEqual(page.part("segment").all("option").map((it) => it.textContent), ["Choose one", "Everybody", "VIP", "New"]);
  await page.press("to-says");
  assert.deepEqual(stands(page), ["whom"], "nobody has been counted");
  await counted(page);
  assert.deepEqual(told(page, `POST ${ALL}/preview-audience`), { segment_id: "s2" });
  assert.match(page.words("counted"), /^1.?500 people; 1.?200 of them/);
  page.write({ name: "Spring", kind: "newsletter", subject: " Hello ", message: "One\nstill one\n\n\nTwo", button: "Look", link: "https://shop.test/" });
  await page.press("to-review");
  const texts = ["One\nstill one", "Two"].map((text) => ({ type: "text", text }));
  assert.deepEqual(told(page, `POST ${ALL}`), {
    segment_id: "s2", name: "Spring", kind: "newsletter", channel: "email", subject: "Hello",
    blocks: { blocks: [...texts, { type: "button", text: "Look", href: "https://shop.test/" }, FOOTER] },
  });
  assert.deepEqual([stands(page), page.location.search], [["review"], "?draft=c1"]);
  assert.match(page.words("reached"), /1.?500 people are meant, and 1.?200 get it\.$/);
  assert.deepEqual(page.part("left-out").all("td").map((it) => it.textContent), ["no consent", "300"]);
  assert.deepEqual([page.words("cost"), page.words("reader"), page.words("sample")], ["It costs 1.20 EUR.", "<i>Ann</i> would read: Hello", "One"]);
  await page.press("try");
  assert.equal(page.said(), "A test is on its way to ada@example.com.");
  answers[`POST ${ONE}/test`] = { to: [], suppressed: ["ada@example.com"] };
  await page.press("try");
  assert.equal(page.said(), "ada@example.com is on the list of those who are not written to.");
  await page.press("to-when");
  assert.deepEqual([stands(page), page.words("advice")], [["when"], "When they read most is not known: not enough data"]);
  assert.deepEqual(told(page, "POST /api/v1/ai/smart-scheduling"), { segment_id: "s1" }, "as it is kept");
  await page.press("launch");
  assert.deepEqual([page.asked(`POST ${ONE}/launch`).length, page.words("launch"), page.went], [0, "Yes, send it to all of them now", []]);
  await page.press("back-to-review");
  await page.press("to-when");
  await page.press("launch");
  assert.equal(page.asked(`POST ${ONE}/launch`).length, 0, "whoever comes back is asked twice again");
  await page.press("launch");
  assert.deepEqual([page.asked(`POST ${ONE}/launch`).length, page.went], [1, ["/campaigns/c1"]]);
});

test("words that are not understood mean nobody, and a change of mind has to be counted anew", async () => {
  const answers = { "POST /api/v1/segments/from-words": { ...WORDS, text: null, explanation: "Nothing is left.", questions: ["Who?"], not_understood: [{ text: "blue moon", hint: "Say a month." }] } };
  const page = await shown(answers);
  await page.press("count");
  assert.match(page.said(), /^Choose a segment/);
  page.write({ words: "on a blue moon" });
  await page.press("count");
  assert.deepEqual(notes(page, "notes"), ["Nothing is left.", "Not understood: “blue moon”. Say a month.", "Who?"]);
  assert.deepEqual([page.said(), page.asked(`POST ${ALL}/preview-audience`).length], ["That cannot be asked: say it in other words.", 0]);
  answers["POST /api/v1/segments/from-words"] = { ...WORDS, can_be_counted: false, reasons: [{ detail: "nothing is kept of that" }] };
  await page.press("count");
  assert.deepEqual([notes(page, "notes").at(-1), page.part("to-says").disabled], ["nothing is kept of that", true]);
  answers["POST /api/v1/segments/from-words"] = WORDS;
  await page.press("count");
  assert.deepEqual([told(page, `POST ${ALL}/preview-audience`), page.part("to-says").disabled], [{ rule: WORDS.text }, false]);
  page.write({ words: "" });
  assert.deepEqual([page.part("to-says").disabled, page.words("counted"), notes(page, "notes")], [true, "", []]);
  page.write({ segment: "EVERYONE" });
  await page.press("count");
  assert.deepEqual(told(page, `POST ${ALL}/preview-audience`), { rule: "EVERYONE" });
  page.write({ words: "everybody else" });
  assert.equal(page.part("segment").value, "", "it is one of both");
});

test("what is wrong is said of the field, and nothing that was written is lost", async () => {
  const wrong = { status: 400, refused: { detail: "2 things", errors: [{ pointer: "/subject", detail: "must not be empty" }, { pointer: "/blocks/blocks/1/href", detail: "is no address" }] } };
  const answers = { [`POST ${ALL}`]: wrong };
  const page = await shown(answers);
  await counted(page);
  page.write({ message: "One" });
  await page.press("to-review");
  assert.deepEqual([page.said(), stands(page)], ["Subject: must not be empty; Where the button leads: is no address", ["says"]]);
  assert.deepEqual([page.part("message").value, page.part("to-review").disabled], ["One", false]);
  answers[`POST ${ALL}`] = DRAFT;
  answers[`POST ${ONE}/schedule`] = { status: 400, refused: { detail: "x", errors: [{ pointer: "/at", detail: "has passed" }] } };
  await page.press("to-review");
  await page.press("to-when");
  page.write({ at: "2020-01-01T10:00" });
  await page.press("schedule");
  assert.deepEqual([page.said(), page.went, told(page, `POST ${ONE}/schedule`)], ["Time: has passed", [], { at: "2020-01-01T10:00" }]);
  answers[`POST ${ONE}/schedule`] = {};
  await page.press("schedule");
  assert.deepEqual([page.said(), page.went], ["", ["/campaigns/c1"]]);
});

test("a text has no subject, says how often it is paid for, and is not tried by mail", async () => {
  const message = { subject: null, text: "Hi", parts: 2, warnings: ["“ doubles the price"] };
  const page = await shown({ [`POST ${ONE}/preview`]: { ...REVIEW, deferred: 7, sample: [{ customer: { name: null }, message }], cost: { amount: "0", currency: "EUR", unpriced: 3 } } });
  await counted(page);
  page.write({ channel: "sms", message: "Hi\n\nyou" });
  assert.deepEqual(["letter", "linked"].filter(page.shows), []);
  await page.press("to-review");
  assert.deepEqual(told(page, `POST ${ALL}`), { segment_id: "s2", name: "", kind: "promotional", channel: "sms", text: "Hi\n\nyou" });
  assert.deepEqual(notes(page, "warnings"), ["It is cut into 2 messages, each of which is paid for.", "“ doubles the price"]);
  assert.equal(page.words("cost"), "It costs 0 EUR, beside 3 messages whose price is not known.");
  assert.match(page.words("reached"), /, 7 of them later, when it is allowed where they are\.$/);
  assert.deepEqual([page.shows("try"), page.words("reader")], [false, "Somebody would read: "]);
});

test("a draft goes on where it was left, by whoever is signed in, and keeps the limits that were told elsewhere", async () => {
  const answers = { [`GET ${ALL}?status=draft&limit=5`]: { items: [{ id: "c1", name: "<b>Spring</b>" }] } };
  const first = await shown(answers);
  const [link] = first.part("drafts").all("a");
  assert.deepEqual([link.href, link.textContent], ["/campaigns/new?draft=c1", "<b>Spring</b>"]);
  const page = await shown(answers, "?draft=c1");
  assert.deepEqual([stands(page), page.part("subject").value, page.part("message").value, page.part("kind").value], [["says"], "Hello", "One\n\nTwo", "newsletter"]);
  page.write({ name: "Summer" });
  await page.press("to-review");
  const kept = { segment_id: "s1", held_out_percent: 10, budget: "20.00", name: "Summer", kind: "newsletter", channel: "email", subject: "Hello", version: 1 };
  assert.deepEqual(told(page, `PUT ${ONE}`), { ...kept, blocks: DRAFT.blocks });
  assert.equal(page.asked(`POST ${ALL}`).length, 0);
  await page.press("back-to-says");
  await page.press("to-whom");
  assert.deepEqual([page.part("segment").value, page.part("to-says").disabled], ["s1", false]);
});

test("words that were written otherwise are looked at and sent, and never overwritten", async () => {
  const heading = { blocks: { blocks: [{ type: "heading", text: "Hi" }, FOOTER] } };
  const aligned = { blocks: { blocks: [{ type: "text", text: "Hi", align: "center" }, FOOTER] } };
  const others = [heading, aligned, { blocks: null, html: "<p>" }, { preheader: "x" }, { text: "own" }, { kind: "transactional" }, { trial: {} }];
  for (const other of others) {
    const page = await shown({ [`GET ${ONE}`]: { ...DRAFT, ...other } }, "?draft=c1");
    assert.deepEqual([stands(page), page.shows("back-to-says")], [["review"], false], JSON.stringify(other));
  }
  const sent = await shown({ [`GET ${ONE}`]: { ...DRAFT, status: "sending" } }, "?draft=c1");
  assert.deepEqual([stands(sent), sent.went], [[], ["/campaigns/c1"]]);
  const text = await shown({ [`GET ${ONE}`]: { ...DRAFT, channel: "sms", text: "Hi", blocks: null, subject: null, segment_id: null, rule: "EVERYONE" } }, "?draft=c1");
  assert.deepEqual([stands(text), text.part("message").value, text.part("segment").value], [["says"], "Hi", "EVERYONE"]);
  const ruled = await shown({ [`GET ${ONE}`]: { ...DRAFT, segment_id: null, rule: "orders_count > 3" } }, "?draft=c1");
  assert.deepEqual([ruled.words("counted"), ruled.part("segment").value], ["As it was told: orders_count > 3", ""]);
});

test("who has not signed in does so here, and a server that does not answer is told", async () => {
  const list = `GET ${ALL}?status=draft&limit=5`;
  const answers = { [list]: refusal(401, "sign in"), "POST /api/auth/refresh": refusal(401, "over"), "POST /api/auth/login": refusal(401, "wrong password") };
  const page = await shown(answers);
  assert.deepEqual([page.said(), page.shows("sign-in"), stands(page)], ["Sign in to write to your customers.", true, []]);
  await page.submit("sign-in");
  assert.equal(page.said(), "wrong password");
  Object.assign(answers, { [list]: { items: [] }, "POST /api/auth/login": {} });
  await page.submit("sign-in");
  assert.deepEqual([page.said(), page.shows("sign-in"), stands(page)], ["", false, ["whom"]]);
  const gone = await shown({ [`GET ${ONE}`]: refusal(404, "no such campaign") }, "?draft=c1");
  assert.deepEqual([gone.said(), stands(gone)], ["no such campaign", []]);
  const dead = await shown({ [list]: () => { throw new TypeError("no network"); } });
  assert.equal(dead.said(), "The server did not answer. Try again.");
});
