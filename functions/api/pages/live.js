// How far the shop's sync is, and what is here by then: told over a socket, asked for where none can be opened. The page
// does without this script, which takes `part` and `post` from page.js.
(() => {
  const connected = part("disconnect");
  const place = part("sync");
  const POLL_MS = 2_000;
  const AGAIN_MS = 15_000;
  const QUIET_MS = 15_000;
  const PING_MS = 4 * 60_000;
  const bar = place.querySelector("progress");
  const words = place.querySelector("output");
  const again = part("again");
  const LIVE = "Live: what happens is shown at once.";
  const POLLING = "Not live: asked for every two seconds.";
  let isOn = false;
  let polling = 0;
  let quiet = 0;
  let following = "";
  let failed = "";

  function show(run) {
    bar.hidden = run.status === "completed" || run.status === "failed";
    bar.value = run.progress;
    words.textContent = run.error ? `${run.step}: ${run.error}` : `${run.step} (${run.progress} %)`;
    failed = run.status === "failed" ? run.sync_run_id : "";
    again.textContent = failed ? "Try again" : "Look for changes";
    again.disabled = !bar.hidden;
  }

  async function begin() {
    const answer = failed
      ? await post(`/api/v1/tenants/me/sync/${failed}/retry`)
      : await post("/api/v1/tenants/me/sync", { mode: "incremental" });
    const told = await answer.json();
    if (!answer.ok) words.textContent = told.detail;
    else if (polling) await poll();
  }

  // What is here, as the lists have it by now.
  async function refresh() {
    const total = async (path) => (await (await fetch(`${path}?limit=1`)).json()).total;
    const [customers, orders] = await Promise.all([total("/api/v1/customers"), total("/api/v1/orders")]);
    words.textContent += ` · ${customers} customers, ${orders} orders are here`;
  }

  // How the last one went.
  async function last() {
    const [job] = (await (await fetch("/api/v1/tenants/me/sync-status")).json()).recent_jobs;
    if (job) show(await (await fetch(`/api/v1/tenants/me/sync/${job.id}/status`)).json());
  }

  async function ended(run) {
    following = "";
    clearTimeout(quiet);
    show(run);
    await refresh();
  }

  // A word may be lost on its way, the last one too: whoever follows a run over a socket and hears nothing of it asks.
  function heard() {
    clearTimeout(quiet);
    quiet = setTimeout(() => ask().catch(heard), QUIET_MS);
  }

  async function ask() {
    if (!isOn || polling || !following) return;
    const answer = await fetch(`/api/v1/tenants/me/sync/${following}/status`);
    if (!answer.ok) return heard();
    const run = await answer.json();
    if (run.finished_at) return ended(run);
    show(run);
    heard();
  }

  // Without a socket: what is under way, and how that which was has ended.
  async function poll() {
    const [run] = await (await fetch("/api/v1/tenants/me/sync/active")).json();
    if (run) {
      following = run.sync_run_id;
      show(run);
    } else if (following) {
      await ended(await (await fetch(`/api/v1/tenants/me/sync/${following}/status`)).json());
    }
  }

  function listen(socket) {
    const say = (event, data) => socket.send(JSON.stringify({ event, data }));
    let subscribed = "";
    const follow = (run) => {
      if (subscribed !== run.sync_run_id) say("sync:subscribe", { sync_run_id: run.sync_run_id });
      subscribed = following = run.sync_run_id;
      show(run);
      heard();
    };
    const pinging = setInterval(() => socket.readyState === WebSocket.OPEN && say("ping"), PING_MS);
    socket.onopen = () => {
      clearInterval(polling);
      polling = 0;
      part("how").textContent = LIVE;
      heard();
      say("hello");
    };
    socket.onmessage = ({ data }) => {
      const told = JSON.parse(data);
      if (told.event === "sync:active") told.data.forEach(follow);
      if (told.event === "sync:progress") {
        show(told.data);
        heard();
      }
      if (told.event === "sync:update" && !told.data.finished_at) follow(told.data);
      if (told.event === "sync:completed" || told.event === "sync:failed") ended(told.data);
    };
    socket.onclose = () => {
      clearInterval(pinging);
      without();
    };
  }

  // Asks every two seconds, and tries for a socket again after a while.
  function without() {
    clearInterval(polling);
    if (!isOn) return;
    part("how").textContent = POLLING;
    polling = setInterval(() => poll().catch(() => {}), POLL_MS);
    setTimeout(open, AGAIN_MS);
  }

  async function open() {
    if (!isOn) return;
    try {
      const answer = await post("/api/v1/live/tickets");
      if (!answer.ok) throw new Error(answer.status);
      const { url, protocols } = await answer.json();
      listen(new WebSocket(url, protocols));
    } catch {
      without();
    }
  }

  function look() {
    const was = isOn;
    isOn = !connected.hidden;
    place.hidden = !isOn;
    bar.hidden = bar.hidden || !following;
    if (isOn && !was) last().catch(() => {}).then(open);
  }
  again.addEventListener("click", () => begin().catch(() => (words.textContent = "The server did not answer. Try again.")));
  new MutationObserver(look).observe(connected, { attributes: true, attributeFilter: ["hidden"] });
  look();
})();
