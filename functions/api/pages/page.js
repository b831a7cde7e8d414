// What the scripts of our pages have in common: their elements, calls, words between them, and lists.
const part = (id) => document.getElementById(id);
const say = (text) => (part("said").textContent = text);
const UNANSWERED = "The server did not answer. Try again.";

// What the server has refused says itself why; whatever else goes wrong was no answer.
class Refused extends Error {}
const wrong = (error) => (error instanceof Refused ? error.message : UNANSWERED);

const csrf = () =>
  document.cookie.split("; ").find((pair) => pair.startsWith("__Host-csrf="))?.slice("__Host-csrf=".length) ?? "";

// How this page shows who is there: by cookies, and with the token that a browser must show with whatever it changes. Within
// Shopify's admin, where a page has no cookies, app.js says otherwise.
const signed = {
  headers: () => ({ "X-CSRF-Token": csrf() }),
  async again() {
    const headers = { "Content-Type": "application/json", ...signed.headers() };
    return csrf() !== "" && (await fetch("/api/auth/refresh", { method: "POST", headers, body: "{}" })).ok;
  },
};
let renewing = null;

// What is let in lives for minutes and a page for hours: where it has ended it is renewed, once for all that are turned away at
// the same moment. What signs in is asked as it is.
async function call(path, told = {}) {
  const send = () => fetch(path, { ...told, headers: { ...told.headers, ...signed.headers() } });
  const answer = await send();
  if (answer.status !== 401 || path.startsWith("/api/auth/")) return answer;
  renewing ??= signed.again().finally(() => (renewing = null));
  return (await renewing) ? send() : answer;
}

const post = (path, body) =>
  call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: body && JSON.stringify(body) });

// What is there, or nothing: for what is asked again anyway.
async function read(path) {
  const answer = await call(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

// The scripts of a page tell each other: "shop", how it is connected; "changed", that what is shown may be another by now.
const tell = (event, detail) => document.dispatchEvent(new CustomEvent(event, { detail }));
const hear = (event, act) => document.addEventListener(event, ({ detail }) => act(detail));

// What happens, told over a socket, and asked for every so often as long as none is open. One that ends, or is not given, is tried
// for again after a while. `heard` takes each word and `say`, which answers it; `opened` is told of each socket.
function following({ every, ask, opened, heard }) {
  const AGAIN_MS = 15_000;
  const PING_MS = 4 * 60_000;
  const LIVE = "Live: what happens is shown at once.";
  const how = part("how");
  let turn = 0;
  let socket = null;
  let polling = 0;
  let opening = 0;

  function badge(text) {
    if (how.textContent === text) return;
    how.textContent = text;
    how.className = text === LIVE ? "live" : "";
  }

  // Until a socket is open, which one that stands in the way may never say that it will not be.
  function pollUntilOpen() {
    badge(`Not live: asked for every ${every} seconds.`);
    clearInterval(polling);
    polling = setInterval(ask, every * 1_000);
  }

  function without() {
    socket = null;
    pollUntilOpen();
    clearTimeout(opening);
    opening = setTimeout(open, AGAIN_MS);
  }

  async function open() {
    const mine = turn;
    try {
      const answer = await post("/api/v1/live/tickets");
      if (!answer.ok) throw new Error(answer.status);
      const { url, protocols } = await answer.json();
      // Whoever has ended it since wants none, and whoever began anew has asked for another.
      if (mine === turn) listen(new WebSocket(url, protocols));
    } catch {
      if (mine === turn) without();
    }
  }

  function listen(made) {
    socket = made;
    const say = (event, data) => made.send(JSON.stringify({ event, data }));
    const pinging = setInterval(() => made.readyState === WebSocket.OPEN && say("ping"), PING_MS);
    made.onopen = () => {
      clearInterval(polling);
      badge(LIVE);
      opened();
      say("hello");
    };
    made.onmessage = ({ data }) => heard(JSON.parse(data), say);
    made.onclose = () => {
      clearInterval(pinging);
      if (socket === made) without();
    };
  }

  return {
    isOpen: () => socket?.readyState === WebSocket.OPEN,
    // No socket before `first` is done.
    begin(first = Promise.resolve()) {
      const mine = (turn += 1);
      pollUntilOpen();
      first.then(() => mine === turn && open());
    },
    end() {
      turn += 1;
      [polling, opening].forEach(clearTimeout);
      const last = socket;
      socket = null;
      last?.close();
    },
  };
}

// A part of a page that lists the last of something once it is opened. Of each, `cells` says what stands in its row: texts,
// and elements, each of them on a line of its own. `button` makes one that asks for something to be done about it.
function listing(name, { path, words, cells }) {
  const SOON_MS = 3_000;
  const place = part(name);
  const table = place.querySelector("table");
  const say = (text) => (part(`${name}-said`).textContent = text);
  const made = (tag) => document.createElement(tag);

  async function show() {
    const answer = await call(`${path}?limit=50`);
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
      line.insertCell().append(first ?? "", ...below.filter(Boolean).flatMap((it) => [made("br"), it]));
    }
  }

  // What is in the way is said beside it.
  function button(label, act, done) {
    const [both, pressed, said] = [made("span"), made("button"), made("output")];
    pressed.type = "button";
    pressed.textContent = label;
    pressed.addEventListener("click", async () => {
      pressed.disabled = true;
      said.textContent = "One moment…";
      const refusal = await ask(act, done).catch(() => UNANSWERED);
      if (!refusal) return;
      said.textContent = refusal;
      pressed.disabled = false;
      pressed.focus();
    });
    both.append(pressed, said);
    return both;
  }

  async function ask(act, done) {
    const answer = await post(`${path}/${act}`);
    if (!answer.ok) return (await answer.json()).detail;
    await show();
    say(done);
    setTimeout(() => tell("changed"), SOON_MS);
  }

  const look = () => show().catch(() => say(UNANSWERED));
  place.addEventListener("toggle", () => place.open && look());
  part(`${name}-again`).addEventListener("click", look);
  // Not under somebody's hands: whoever is at a button there reads what it says.
  hear("changed", () => place.open && !table.contains(document.activeElement) && look());
}
