// What customers have asked for by law, with its deadline, the file where one waits, and a button that makes it anew. The page
// does without this script, which takes `part` and `post` from page.js.
(() => {
  const place = part("privacy");
  const table = place.querySelector("table");
  const say = (text) => (part("privacy-said").textContent = text);
  const ASKS = { data: "A customer's data", erasure: "Forget a customer", shop_erasure: "Forget everything of the shop" };
  const day = (at) => (at ? new Date(at).toLocaleDateString() : "");

  function row(request) {
    const line = table.tBodies[0].insertRow();
    const asks = ASKS[request.asks] ?? request.asks;
    const who = request.customer ? `${asks} (${request.customer})` : asks;
    const became = request.why ? `${request.state}: ${request.why}` : request.state;
    // Always a text, never markup.
    for (const text of [day(request.received_at), who, day(request.deadline), became]) line.insertCell().textContent = text;
    const last = line.cells[3];
    if (request.file_url) {
      const link = document.createElement("a");
      link.href = request.file_url;
      link.textContent = "Take the file";
      last.append(document.createElement("br"), link);
    }
    // An open one is being prepared; by an address alone nobody is found again.
    if (request.asks === "data" && request.customer && request.state !== "open") {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "Prepare anew";
      button.addEventListener("click", () => prepare(request).catch(() => say("The server did not answer. Try again.")));
      last.append(document.createElement("br"), button);
    }
    line.insertCell().textContent = request.id;
  }

  async function show() {
    const answer = await fetch("/api/v1/tenants/me/privacy?limit=50");
    const told = await answer.json();
    if (!answer.ok) return say(told.detail);
    table.tBodies[0].replaceChildren();
    told.items.forEach(row);
    table.hidden = told.items.length === 0;
    say(table.hidden ? "Nobody has asked for anything." : told.next ? "The last 50 requests." : "All requests.");
  }

  async function prepare(request) {
    say("One moment…");
    const answer = await post(`/api/v1/tenants/me/privacy/${encodeURIComponent(request.id)}/prepare`);
    if (!answer.ok) return say((await answer.json()).detail);
    await show();
    say("The file is being prepared. Look again in a moment.");
  }

  const look = () => show().catch(() => say("The server did not answer. Try again."));
  place.addEventListener("toggle", () => place.open && look());
  part("privacy-again").addEventListener("click", look);
})();
