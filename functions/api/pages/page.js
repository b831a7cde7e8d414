// What the scripts of our pages have in common: their elements, calls that change something, and words about a shop.
const part = (id) => document.getElementById(id);
const say = (text) => (part("said").textContent = text);

// A browser that is signed in by cookies must show its token with whatever it changes.
const csrf = () =>
  document.cookie.split("; ").find((pair) => pair.startsWith("__Host-csrf="))?.slice("__Host-csrf=".length) ?? "";

const post = (path, body) =>
  fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf() },
    body: body && JSON.stringify(body),
  });

// How a shop is connected.
const STATES = {
  never: () => "No shop is connected yet.",
  connected: (shop) => `${shop} is connected.`,
  needs_reauth: (shop) => `Shopify does not let us into ${shop} any more. Connect it again.`,
  disconnected: (shop) => `${shop} is disconnected. What is kept of it is here again once it is connected.`,
  uninstalled: (shop) => `The app was removed from ${shop}. Connect it again to go on.`,
};

// Why a connected shop gives no answer.
const UNREACHED = {
  app_unknown: "Shopify does not know this app there: it may have been removed from the shop. Connect it again if so; otherwise it is ours to mend.",
  frozen: "Shopify has frozen it until it is paid for.",
  locked: "Shopify has locked it.",
  not_there: "Shopify knows no such shop: it may have been closed.",
};

// A part of a page that lists the last of something once it is opened. Of each, `cells` says what stands in its row: texts,
// and elements, each of them on a line of its own. `button` makes one that asks for something to be done about it.
function listing(name, { path, words, cells }) {
  const place = part(name);
  const table = place.querySelector("table");
  const say = (text) => (part(`${name}-said`).textContent = text);
  const unanswered = () => say("The server did not answer. Try again.");

  async function show() {
    const answer = await fetch(`${path}?limit=50`);
    const told = await answer.json();
    if (!answer.ok) return say(told.detail);
    table.tBodies[0].replaceChildren();
    told.items.forEach(row);
    table.hidden = told.items.length === 0;
    say(table.hidden ? words.none : told.next ? words.some : words.all);
  }

  function row(listed) {
    const line = table.tBodies[0].insertRow();
    for (const cell of cells(listed, button)) {
      const [first, ...below] = [cell].flat();
      // Always a text or an element, never markup.
      line.insertCell().append(first ?? "", ...below.filter(Boolean).flatMap((it) => [document.createElement("br"), it]));
    }
  }

  function button(label, act, done) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = label;
    made.addEventListener("click", () => ask(act, done).catch(unanswered));
    return made;
  }

  async function ask(act, done) {
    say("One moment…");
    const answer = await post(`${path}/${act}`);
    if (!answer.ok) return say((await answer.json()).detail);
    await show();
    say(done);
  }

  const look = () => show().catch(unanswered);
  place.addEventListener("toggle", () => place.open && look());
  part(`${name}-again`).addEventListener("click", look);
}
