// A browser that is made of nothing: it opens a page of ours, as the server puts it together, and runs the scripts that stand in it.
import { readFileSync } from "node:fs";
import vm from "node:vm";

import { Element, FormData, parsed } from "./elements.mjs";
import { Timers, settled } from "./timers.mjs";

const file = (name) => readFileSync(new URL(`../../pages/${name}`, import.meta.url), "utf8");

const NOW = "2026-11-22T10:00:00Z";
export const CONNECTED = {
  state: "connected",
  shop: "nordlicht.myshopify.com",
  connected_at: NOW,
  events: { lacking: [] },
  orders: { shown: "all", days: null, allow_all_at: null },
  api: { advice: null },
  unreached: null,
};
export const HEALTHY = {
  complete_until: NOW,
  orders_since: null,
  reconciled_at: NOW,
  next_sync_at: NOW,
  since: NOW,
  topics: [],
  gaps: { customers: 0, orders: 0, products: 0, deletions: 0, checkouts: 0, first: [] },
};

const ME = "/api/v1/tenants/me";
// What a server answers of whom nothing else is told. By method and path: a body, or what makes one of the call.
const USUAL = {
  [`GET ${ME}/shop`]: CONNECTED,
  [`GET ${ME}/shop/health`]: HEALTHY,
  [`GET ${ME}/sync-status`]: { recent_jobs: [] },
  [`GET ${ME}/sync/active`]: [],
  [`GET ${ME}/webhooks?limit=1`]: { items: [] },
  "GET /api/v1/customers?limit=1": { total: 3 },
  "GET /api/v1/orders?limit=1": { total: 4 },
  "GET /api/auth/me": { user: { email: "ada@example.com" } },
  "POST /api/v1/live/tickets": { url: "wss://crm.test/live", protocols: ["regulars", "ticket.t"] },
};

// `status` of an answer that is not what was asked for.
export const refusal = (status, detail) => ({ status, refused: { detail } });

// `answers`: what differs from the usual, and may be changed while the page is open. `bridge`: App Bridge, within the admin.
export async function open(name, answers = {}, { bridge, cookie = "theme=dark; __Host-csrf=c1", at = "", pathname = "/" } = {}) {
  const html = file(`${name}.html`).replace("<!-- The shop -->", file("shop.html")).replace("<!-- Sign in -->", file("sign-in.html"));
  const [timers, sockets, calls, listeners, went] = [new Timers(), [], [], [], []];
  const document = {
    cookie,
    hidden: false,
    activeElement: null,
    createElement: (tag) => new Element(tag, document),
    getElementById: (id) => root.all().find((it) => it.attributes.id === id) ?? null,
    addEventListener: (event, act) => listeners.push([event, act]),
    dispatchEvent: (told) => listeners.forEach(([event, act]) => event === told.type && act(told)),
  };
  const root = parsed(html, document);
  const told = { ...USUAL, ...answers };

  async function fetch(path, { method = "GET", headers = {}, body } = {}) {
    const call = { name: `${method} ${path}`, headers: { ...headers }, body: body && JSON.parse(body) };
    calls.push(call);
    Object.assign(told, answers);
    const answer = told[call.name];
    if (answer === undefined) throw new TypeError(`nothing answers ${call.name}`);
    const made = structuredClone(typeof answer === "function" ? await answer(call) : answer);
    const { status = 200, refused } = made.refused ? made : {};
    return { ok: !refused, status, json: async () => refused ?? made };
  }

  class WebSocket {
    static OPEN = 1;
    readyState = 0;
    said = [];
    constructor(url, protocols) {
      Object.assign(this, { url, protocols });
      sockets.push(this);
    }
    send(text) { this.said.push(JSON.parse(text).event); }
    close() {
      this.isClosed = true;
      this.onclose();
    }
    opens() {
      this.readyState = WebSocket.OPEN;
      this.onopen();
    }
    tell(event, data) { this.onmessage({ data: JSON.stringify({ event, data }) }); }
  }

  const [path, fragment = ""] = at.split("#");
  const window = {
    document,
    fetch,
    FormData,
    WebSocket,
    URLSearchParams,
    location: { pathname, search: path, hash: fragment && `#${fragment}`, assign: (to) => went.push(to) },
    history: { replaceState: (_state, _title, to) => (window.location.search = to.slice(to.indexOf("?"))) },
    CustomEvent: class { constructor(type, { detail }) { Object.assign(this, { type, detail }); } },
    setTimeout: (act, millis) => timers.set(act, millis),
    setInterval: (act, millis) => timers.set(act, millis, millis),
    clearTimeout: (id) => timers.held.delete(id),
    clearInterval: (id) => timers.held.delete(id),
  };
  window.window = Object.assign(window, bridge && { shopify: bridge });
  const scripts = root.all("script").map((it) => file(it.attributes.src.slice("/pages/".length)));
  vm.runInNewContext(scripts.join("\n"), window);
  await settled();
  const part = document.getElementById;
  return {
    document,
    timers,
    sockets,
    calls,
    // Where it led to, in order.
    went,
    location: window.location,
    part,
    words: (id) => part(id).textContent,
    said: () => part("said").textContent,
    shows: (id) => !part(id).hidden,
    // What was asked of the server, by method and path.
    asked: (name) => calls.filter((it) => it.name === name),
    async press(element) {
      (element instanceof Element ? element : part(element)).happens("click");
      await settled();
    },
    // What somebody types or chooses, each as the page hears of it.
    write(told) {
      for (const [id, value] of Object.entries(told)) {
        part(id).value = value;
        part(id).happens("input");
        part(id).happens("change");
      }
    },
    async submit(id) {
      part(id).happens("submit");
      await settled();
    },
    // A part that is folded is opened, and shows what is in it.
    async unfold(id) {
      part(id).open = true;
      part(id).happens("toggle");
      await settled();
      return part(id).querySelector("tbody").all("tr");
    },
  };
}
