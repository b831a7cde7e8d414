// What the shop told lately and what became of it, with a button for each event that can be taken up once more. The page does
// without this script, which takes `part` and `post` from page.js.
(() => {
  const place = part("told");
  const table = place.querySelector("table");
  const say = (text) => (part("told-said").textContent = text);

  function row(event) {
    const line = table.tBodies[0].insertRow();
    const became = event.error ?? event.unread ?? event.left_out ?? event.because;
    const cells = [new Date(event.at).toLocaleString(), event.topic, became ? `${event.status}: ${became}` : event.status, event.attempts];
    // Always a text, never markup.
    for (const text of cells) line.insertCell().textContent = text;
    if (event.advice) line.cells[2].append(document.createElement("br"), event.advice);
    if (!event.can_be_replayed) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Replay";
    button.addEventListener("click", () => replay(event).catch(() => say("The server did not answer. Try again.")));
    line.cells[2].append(document.createElement("br"), button);
  }

  async function show() {
    const answer = await fetch("/api/v1/tenants/me/webhooks?limit=50");
    const told = await answer.json();
    if (!answer.ok) return say(told.detail);
    table.tBodies[0].replaceChildren();
    told.items.forEach(row);
    table.hidden = told.items.length === 0;
    say(table.hidden ? "Nothing in the last seven days." : told.next ? "The last 50 events." : "All events of the last seven days.");
  }

  async function replay(event) {
    say("One moment…");
    const answer = await post(`/api/v1/tenants/me/webhooks/${encodeURIComponent(event.id)}/replay`);
    if (!answer.ok) return say((await answer.json()).detail);
    await show();
    say(`${event.topic} is taken up once more. Look again in a moment.`);
  }

  const look = () => show().catch(() => say("The server did not answer. Try again."));
  place.addEventListener("toggle", () => place.open && look());
  part("told-again").addEventListener("click", look);
})();
