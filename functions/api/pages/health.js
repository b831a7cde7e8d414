// How well the shop is followed: up to when all of it is here, what its events came to by kind, and what none of them told. Takes
// `part`, `call` and `hear` from page.js.
(() => {
  const MINUTE_MS = 60_000;
  const place = part("health");
  const complete = part("complete");
  // As the server names what was missed.
  const MISSED = {
    customers: "Customers",
    orders: "Orders",
    products: "Products",
    checkouts: "Checkouts",
    deletions: "Deletions, of any of these",
  };

  // "14:32", and the day as well if it is another than today.
  function clock(at) {
    const told = new Date(at);
    const isToday = told.toDateString() === new Date().toDateString();
    const time = { hour: "2-digit", minute: "2-digit" };
    return isToday ? told.toLocaleTimeString([], time) : told.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  }

  function ago(seconds) {
    const [amount, unit] =
      seconds < 60 ? [seconds, "s"] : seconds < 3_600 ? [seconds / 60, "min"] : seconds < 172_800 ? [seconds / 3_600, "h"] : [seconds / 86_400, "days"];
    return `${Math.floor(amount)} ${unit} ago`;
  }

  function rows(table, lines) {
    table.tBodies[0].replaceChildren();
    for (const line of lines) {
      const row = table.tBodies[0].insertRow();
      for (const cell of line) row.insertCell().append(String(cell));
    }
    table.hidden = lines.length === 0;
  }

  function completeness(told) {
    const until = told.complete_until
      ? `Complete to ${clock(told.complete_until)}: what changed in the shop until then is here.`
      : "Not complete yet: the shop is not here as a whole.";
    const since = told.orders_since && `Orders of before ${new Date(told.orders_since).toLocaleDateString()} are not here, unless they have changed since.`;
    const next = told.next_sync_at && `The shop is asked again at ${clock(told.next_sync_at)}.`;
    return [until, since, next].filter(Boolean).join(" ");
  }

  // An event that never came has no kind: what was missed is told by what it was about, and looked for by asking the shop.
  function missed(told, gaps) {
    if (gaps.length > 0) {
      const first = told.gaps.first.length > 0 ? ` The first: ${told.gaps.first.join(", ")}.` : "";
      return `Gaps: what no event told, and the shop itself did when it was asked. They are counted by what was missed, as an event that never came has no kind.${first}`;
    }
    const looked = told.reconciled_at ? `were looked for at ${clock(told.reconciled_at)}` : "were not looked for yet";
    return `No gaps were found; they ${looked}.`;
  }

  async function show() {
    const answer = await call("/api/v1/tenants/me/shop/health");
    const told = await answer.json();
    place.querySelector("div").hidden = !answer.ok;
    if (!answer.ok) return (complete.textContent = told.detail);
    complete.textContent = completeness(told);
    const last = (topic) => (topic.last_event_age === null ? "never" : ago(topic.last_event_age));
    rows(part("topics"), told.topics.map((it) => [it.topic, last(it), it.duplicates_dropped, it.late_refused]));
    part("counted").textContent = told.topics.length > 0 ? `Counted since ${clock(told.since)}.` : "The shop has told of nothing yet.";
    const gaps = Object.entries(MISSED).map(([of, name]) => [name, told.gaps[of]]);
    const found = gaps.filter(([, count]) => count > 0);
    rows(part("gaps"), found);
    part("missed").textContent = missed(told, found);
  }

  const look = () => !place.hidden && show().catch(() => (complete.textContent = UNANSWERED));
  hear("shop", look);
  // How long ago something was is another with each minute.
  setInterval(() => !document.hidden && look(), MINUTE_MS);
})();
