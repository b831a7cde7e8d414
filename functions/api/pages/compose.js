// A campaign in four steps: whom it is for, what it says, what would happen, and when it goes out. From the second on it is kept as a
// draft, and goes on wherever somebody is signed in.
(() => {
  const CAMPAIGNS = "/api/v1/campaigns";
  const STEPS = ["whom", "says", "review", "when"];
  const LAUNCH = "Send it now";
  // What cannot be taken back is asked twice.
  const SURE = "Yes, send it to all of them now";
  // By the first part of the place that is wrong.
  const FIELDS = { name: "Name", subject: "Subject", text: "Message", blocks: "Message", at: "Time", prompt: "Your words" };
  // What this page asks nobody about stays as it was told elsewhere.
  const LIMITS = ["description", "sender_id", "from_address", "care", "held_out_percent", "cap", "quiet_hours", "budget", "tracked"];
  const FOOTER = "You get this because you agreed to hear from {{ shop.name }}.";
  const EVERYBODY = "EVERYONE";
  const plain = (name) => name.replaceAll("_", " ");
  const number = (count) => count.toLocaleString();
  const value = (id) => part(id).value.trim();
  // As it is kept; `null` before it is.
  let draft = null;
  // `segment_id` or `rule`; `null` as long as nobody has been counted.
  let whom = null;

  function element(tag, text, told = {}) {
    const made = Object.assign(document.createElement(tag), told);
    made.textContent = text;
    return made;
  }

  const list = (id, texts) => part(id).replaceChildren(...texts.map((text) => element("li", text)));

  function place(pointer) {
    if (pointer.endsWith("/href")) return "Where the button leads";
    return FIELDS[pointer.split("/")[1]] ?? pointer;
  }

  async function answered(answer) {
    const told = await answer.json();
    const wrongs = (told.errors ?? []).map(({ pointer, detail }) => `${place(pointer)}: ${detail}`);
    if (!answer.ok) throw new Refused(wrongs.join("; ") || told.detail);
    return told;
  }

  const ask = async (path, body = {}) => answered(await post(path, body));
  const replace = async (path, body) =>
    answered(await call(path, { method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }));

  // One press at a time; what comes of it is said.
  function pressed(id, act) {
    part(id).addEventListener("click", async () => {
      part(id).disabled = true;
      say("One moment…");
      try {
        say((await act()) ?? "");
      } catch (error) {
        say(wrong(error));
      }
      part(id).disabled = false;
    });
  }

  function step(name) {
    for (const one of STEPS) part(one).hidden = one !== name;
    part(name).querySelector("h2").focus();
  }

  // Whom it is for

  // What was noted on the way from words to a rule.
  const notes = (told) => [
    told.explanation,
    ...told.not_understood.map(({ text, hint }) => `Not understood: “${text}”. ${hint}`),
    ...told.assumptions, ...told.warnings, ...told.questions, ...told.reasons.map(({ detail }) => detail),
  ];

  // Nobody is meant by words that are not understood, and never everybody.
  async function meant() {
    const [prompt, segment] = [value("words"), part("segment").value];
    list("notes", []);
    if (!prompt && !segment) throw new Refused("Choose a segment, or say in your own words whom it is for.");
    if (!prompt) return segment === EVERYBODY ? { rule: EVERYBODY } : { segment_id: segment };
    const told = await ask("/api/v1/segments/from-words", { prompt });
    list("notes", notes(told));
    if (!told.text || !told.can_be_counted) throw new Refused("That cannot be asked: say it in other words.");
    return { rule: told.text };
  }

  async function count() {
    const now = await meant();
    const told = await ask(`${CAMPAIGNS}/preview-audience`, now);
    part("counted").textContent = `${number(told.audience_size)} people; ${number(told.chosen)} of them could be sent an offer by mail now.`;
    known(now);
  }

  function known(now) {
    whom = now;
    part("to-says").disabled = !now;
  }

  // Others are meant by now.
  function uncounted() {
    known(null);
    part("counted").textContent = "";
    list("notes", []);
  }

  // What it says

  const isLetter = () => part("channel").value === "email";

  function channelled() {
    part("letter").hidden = part("linked").hidden = part("try").hidden = !isLetter();
  }

  function blocks() {
    const paragraphs = value("message").split(/\n\s*\n/).map((text) => ({ type: "text", text: text.trim() }));
    const button = value("button") && { type: "button", text: value("button"), href: value("link") };
    return [...paragraphs, ...(button ? [button] : []), { type: "footer", text: FOOTER }];
  }

  const alike = (blocks) => JSON.stringify(blocks.map((block) => Object.entries(block).sort()));

  // What somebody wrote here before; nothing, if it was written otherwise and would not come back as it was.
  function written(told) {
    if (told.trial || ![...part("kind").children].some((it) => it.value === told.kind)) return null;
    if (told.channel === "sms") return { message: told.text ?? "" };
    if (told.preheader || told.text) return null;
    const kept = told.blocks?.blocks ?? [];
    const texts = kept.filter(({ type }) => type === "text").map(({ text }) => text);
    const { text = "", href = "" } = kept.find(({ type }) => type === "button") ?? {};
    const says = { subject: told.subject ?? "", message: texts.join("\n\n"), button: text, link: href };
    for (const [id, text] of Object.entries(says)) part(id).value = text;
    return alike(blocks()) === alike(kept) ? says : null;
  }

  async function keep() {
    const says = isLetter() ? { subject: value("subject"), blocks: { blocks: blocks() } } : { text: value("message") };
    const kept = Object.fromEntries(LIMITS.map((name) => [name, draft?.[name] ?? undefined]));
    const told = { ...kept, ...whom, ...says, name: value("name"), kind: part("kind").value, channel: part("channel").value };
    draft = draft ? await replace(`${CAMPAIGNS}/${draft.id}`, { ...told, version: draft.version }) : await ask(CAMPAIGNS, told);
    history.replaceState(null, "", `/campaigns/new?draft=${draft.id}`);
    await review();
  }

  // What would happen

  async function review() {
    const told = await ask(`${CAMPAIGNS}/${draft.id}/preview`);
    const later = told.deferred ? `, ${number(told.deferred)} of them later, when it is allowed where they are` : "";
    part("reached").textContent = `${number(told.audience_size)} people are meant, and ${number(told.chosen)} get it${later}.`;
    const table = part("left-out").querySelector("tbody");
    table.replaceChildren();
    for (const { reason, count } of told.left_out.filter(({ count }) => count > 0)) {
      const row = table.insertRow();
      [plain(reason), number(count)].forEach((text) => row.insertCell().append(text));
    }
    const { amount, currency, unpriced } = told.cost;
    part("cost").textContent = `It costs ${amount} ${currency}${unpriced ? `, beside ${number(unpriced)} messages whose price is not known` : ""}.`;
    const { customer, message } = told.sample.find((it) => it.message && !it.message.skipped) ?? {};
    part("reader").textContent = message ? `${customer.name ?? "Somebody"} would read: ${message.subject ?? ""}` : "Nobody would read it.";
    part("sample").textContent = message?.text ?? "";
    const parts = message?.parts > 1 ? [`It is cut into ${message.parts} messages, each of which is paid for.`] : [];
    list("warnings", [...parts, ...(message?.warnings ?? [])]);
    step("review");
  }

  async function tried() {
    const { to, suppressed } = await ask(`${CAMPAIGNS}/${draft.id}/test`);
    return to.length ? `A test is on its way to ${to.join(", ")}.` : `${suppressed.join(", ")} is on the list of those who are not written to.`;
  }

  // When

  async function advised() {
    part("launch").textContent = LAUNCH;
    const told = await ask("/api/v1/ai/smart-scheduling", draft.segment_id ? { segment_id: draft.segment_id } : {});
    part("advice").textContent = told.best_day ? `They read most on a ${told.best_day} at ${told.best_time}.` : `When they read most is not known: ${told.reasoning}`;
    step("when");
  }

  const watched = () => location.assign(`/campaigns/${draft.id}`);

  async function scheduled() {
    await ask(`${CAMPAIGNS}/${draft.id}/schedule`, { at: part("at").value });
    watched();
  }

  async function launched() {
    if (part("launch").textContent !== SURE) return void (part("launch").textContent = SURE);
    part("launch").textContent = LAUNCH;
    await ask(`${CAMPAIGNS}/${draft.id}/launch`);
    watched();
  }

  // Where somebody begins, or goes on

  async function goOn(id) {
    draft = await answered(await call(`${CAMPAIGNS}/${encodeURIComponent(id)}`));
    if (draft.status !== "draft") return watched();
    known(draft.segment_id ? { segment_id: draft.segment_id } : { rule: draft.rule });
    part("segment").value = draft.segment_id ?? (draft.rule === EVERYBODY ? EVERYBODY : "");
    part("counted").textContent = draft.rule ? `As it was told: ${draft.rule}` : "";
    for (const name of ["name", "kind", "channel"]) part(name).value = draft[name];
    channelled();
    const says = written(draft);
    part("back-to-says").hidden = !says;
    if (!says) return review();
    part("message").value = says.message;
    step("says");
  }

  async function segments() {
    const found = [];
    for (let next = ""; next !== null; ) {
      const page = await answered(await call(`/api/v1/segments?limit=100${next && `&cursor=${encodeURIComponent(next)}`}`));
      found.push(...page.items);
      next = page.next;
    }
    return found;
  }

  async function begin() {
    const answer = await call(`${CAMPAIGNS}?status=draft&limit=5`);
    part("sign-in").hidden = answer.status !== 401;
    if (answer.status === 401) return "Sign in to write to your customers.";
    const drafts = (await answered(answer)).items;
    const options = (await segments()).map(({ id, name }) => [id, name]);
    const choices = [["", "Choose one"], [EVERYBODY, "Everybody"], ...options];
    part("segment").replaceChildren(...choices.map(([value, text]) => element("option", text, { value })));
    const id = new URLSearchParams(location.search).get("draft");
    if (id) return goOn(id);
    const links = drafts.flatMap(({ id, name }) => [element("a", name, { href: `/campaigns/new?draft=${id}` }), " "]);
    part("drafts").replaceChildren(...(links.length ? ["Or go on with a draft: ", ...links] : []));
    channelled();
    step("whom");
  }

  const begun = () => begin().then((said) => say(said ?? ""), (error) => say(wrong(error)));

  pressed("count", count);
  pressed("to-review", keep);
  pressed("try", tried);
  pressed("to-when", advised);
  pressed("schedule", scheduled);
  pressed("launch", launched);
  for (const [id, name] of [["to-says", "says"], ["to-whom", "whom"], ["back-to-says", "says"], ["back-to-review", "review"]]) {
    part(id).addEventListener("click", () => step(name));
  }
  // One of both: what was told before it is meant no more.
  for (const [told, event, other] of [["segment", "change", "words"], ["words", "input", "segment"]]) {
    part(told).addEventListener(event, () => {
      part(other).value = "";
      uncounted();
    });
  }
  part("channel").addEventListener("change", channelled);
  part("sign-in").addEventListener("submit", (event) => {
    event.preventDefault();
    say("One moment…");
    const told = Object.fromEntries(new FormData(event.target));
    post("/api/auth/login", told).then(answered).then(begun, (error) => say(wrong(error)));
  });
  begun();
})();
