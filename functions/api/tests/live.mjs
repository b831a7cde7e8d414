// The page that watches, in a browser that is made of nothing: a run whose last word was lost does not stand on it for ever.
// `node --test functions/api/tests/live.mjs`
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const SCRIPTS = ["page", "live"].map((name) => readFileSync(new URL(`../pages/${name}.js`, import.meta.url), "utf8"));
const RUNNING = { sync_run_id: "r1", status: "running", progress: 40, step: "Syncing orders", finished_at: null };
const DONE = { ...RUNNING, status: "completed", progress: 100, step: "Completed", finished_at: "2026-11-22T00:00:00Z" };

// Time goes on only when it is told to, and what is due by then is done.
class Timers {
  now = 0;
  held = new Map();
  next = 1;

  set(act, millis, each) {
    this.held.set(this.next, { act, at: this.now + millis, each });
    return this.next++;
  }

  async pass(millis) {
    const end = this.now + millis;
    for (;;) {
      await settled();
      const due = [...this.held].filter(([, one]) => one.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      const [id, one] = due;
      this.now = one.at;
      if (one.each) one.at += one.each;
      else this.held.delete(id);
      one.act();
    }
    this.now = end;
  }
}

// All promises that need no time are kept.
const settled = () => new Promise((done) => setImmediate(done));

// `server.run`: what the server says of the run, unless it is down.
async function page(server) {
  const element = () => ({ addEventListener() {}, querySelector(what) { return (this[what] ??= element()); } });
  const parts = {};
  const part = (id) => (parts[id] ??= element());
  part("disconnect").hidden = false;
  const [timers, sockets] = [new Timers(), []];
  const answer = (body, ok = true) => ({ ok, json: async () => body });
  let asked = 0;
  const fetch = async (path, told) => {
    if (path.endsWith("/live/tickets")) {
      assert.deepEqual([told.method, told.headers["X-CSRF-Token"]], ["POST", "c1"]);
      return answer({ url: "wss://crm.test/live", protocols: [] });
    }
    if (path.endsWith("/sync-status")) return answer({ recent_jobs: [] });
    if (path.endsWith("/active")) return answer(server.run.finished_at ? [] : [server.run]);
    if (!path.endsWith("/r1/status")) return answer({ total: 3 });
    asked += 1;
    return server.isDown ? answer({ detail: "down" }, false) : answer(server.run);
  };
  class WebSocket {
    static OPEN = 1;
    readyState = 1;
    said = [];
    constructor() { sockets.push(this); }
    send(text) { this.said.push(JSON.parse(text).event); }
    tell(event, data) { this.onmessage({ data: JSON.stringify({ event, data }) }); }
  }
  vm.runInNewContext(SCRIPTS.join("\n"), {
    document: { getElementById: part, cookie: "theme=dark; __Host-csrf=c1" },
    fetch,
    WebSocket,
    MutationObserver: class { observe() {} },
    setTimeout: (act, millis) => timers.set(act, millis),
    setInterval: (act, millis) => timers.set(act, millis, millis),
    clearTimeout: (id) => timers.held.delete(id),
    clearInterval: (id) => timers.held.delete(id),
  });
  await settled();
  const { progress: bar, output: words } = parts.sync;
  return { bar, words, timers, sockets, asked: () => asked };
}

test("a run of which nothing is heard for fifteen seconds is asked for, until it is over", async () => {
  const server = { run: RUNNING };
  const { bar, words, timers, sockets: [socket], asked } = await page(server);
  socket.onopen();
  socket.tell("sync:active", [RUNNING]);
  assert.deepEqual(socket.said, ["hello", "sync:subscribe"]);
  await timers.pass(14_000);
  socket.tell("sync:progress", RUNNING);
  await timers.pass(14_999);
  assert.equal(asked(), 0, "it was heard of");
  await timers.pass(1);
  assert.deepEqual([asked(), bar.hidden], [1, false]);
  server.isDown = true;
  await timers.pass(15_000);
  assert.deepEqual([asked(), bar.hidden], [2, false]);
  Object.assign(server, { isDown: false, run: DONE });
  await timers.pass(15_000);
  assert.deepEqual([asked(), bar.hidden], [3, true]);
  assert.equal(words.textContent, "Completed (100 %) · 3 customers, 3 orders are here");
  await timers.pass(60_000);
  assert.equal(asked(), 3, "it is over");
});

test("a run that ends between two sockets is found over", async () => {
  const server = { run: RUNNING };
  const { bar, timers, sockets } = await page(server);
  sockets[0].onopen();
  sockets[0].tell("sync:active", [RUNNING]);
  sockets[0].onclose();
  await timers.pass(15_000);
  sockets[1].onopen();
  server.run = DONE;
  sockets[1].tell("sync:active", []);
  assert.equal(bar.hidden, false);
  await timers.pass(15_000);
  assert.equal(bar.hidden, true);
});
