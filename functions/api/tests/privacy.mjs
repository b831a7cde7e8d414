// What customers have asked for by law, in a browser that is made of nothing.
import assert from "node:assert/strict";
import { test } from "node:test";

import { open, refusal } from "./browser/page.mjs";

const LIST = "GET /api/v1/tenants/me/privacy?limit=50";
const PREPARE = "POST /api/v1/tenants/me/privacy/q1/prepare";
const ASKED = {
  id: "q1", asks: "data", customer: "s7001", state: "done", received_at: "2026-11-01T10:00:00Z",
  deadline: "2026-12-01T10:00:00Z", reworded: [], file_url: "https://files.test/q1",
};

test("nobody has asked, and who may not see it is told why", async () => {
  const answers = { [LIST]: { items: [], next: null } };
  const page = await open("app", answers);
  assert.deepEqual(await page.unfold("privacy"), []);
  assert.equal(page.words("privacy-said"), "Nobody has asked for anything.");
  answers[LIST] = refusal(403, "your role may not");
  await page.press("privacy-again");
  assert.equal(page.words("privacy-said"), "your role may not");
});

test("a request is told with its file, which opens beside a frame, and is prepared anew by a button", async () => {
  const markup = "<b onclick=alert(1)>Ada</b>";
  const erasure = {
    ...ASKED, id: "q2", asks: "erasure", state: "refused", why: markup, file_url: undefined,
    reworded: [{ kind: "segment", id: markup, fields: ["name"] }],
  };
  const answers = { [LIST]: { items: [ASKED, erasure], next: null }, [PREPARE]: refusal(409, "nobody's data were asked for") };
  const page = await open("connect", answers, { at: "#privacy" });
  assert.equal(page.part("privacy").open, true, "a mail leads there");
  const [data, other] = await page.unfold("privacy");
  const link = data.querySelector("a");
  assert.deepEqual([link.href, link.target, link.rel], ["https://files.test/q1", "_blank", "noopener"]);
  assert.deepEqual([other.all("b").length, other.all("button").length], [0, 0]);
  assert.match(other.textContent, /Forget a customer \(s7001\).*refused: <b onclick=alert\(1\)>Ada<\/b>Replaced in your own words: segment <b/);
  await page.press(data.querySelector("button"));
  assert.equal(data.querySelector("output").textContent, "nobody's data were asked for");
  answers[PREPARE] = ASKED;
  answers[LIST] = { items: [{ ...ASKED, state: "open", file_url: undefined }], next: null };
  await page.press(data.querySelector("button"));
  assert.match(page.words("privacy-said"), /The file is being prepared/);
  answers[LIST] = { items: [ASKED], next: null };
  await page.timers.pass(3_000);
  assert.equal(page.part("privacy").querySelector("tbody").all("a").length, 1);
});
