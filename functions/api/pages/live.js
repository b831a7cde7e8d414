// How far the shop's sync is, and what is here by then: told over a socket, asked for as long as none is open. Takes `part`,
// `read`, `post`, `tell` and `hear` from page.js.
(() => {
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
  // The server's words for it are Shopify's.
  const DENIED = "Shopify shows an app what its merchant and Shopify's review have allowed, personal data above all. What was here stays as it was; once it is allowed, try again.";
  let isOn = false;
  let socket = null;
  let polling = 0;
  let opening = 0;
  let quiet = 0;
  let following = "";
  let failed = "";

  function badge(text) {
    if (part("how").textContent === text) return;
    part("how").textContent = text;
    part("how").className = text === LIVE ? "live" : "";
  }

  function show(run) {
    bar.hidden = run.status === "completed" || run.status === "failed";
    bar.value = run.progress;
    failed = run.status === "failed" ? run.sync_run_id : "";
    const because = run.error && (run.error.includes("Shopify denies") ? `${run.error}. ${DENIED}` : run.error);
    words.textContent = because ? `${run.step}: ${because}` : `${run.step} (${run.progress} %)`;
    again.textContent = failed ? "Try again" : "Look for changes";
    again.disabled = !bar.hidden;
  }

  const status = (id) => read(`/api/v1/tenants/me/sync/${id}/status`);

  async function begin() {
    const answer = failed
      ? await post(`/api/v1/tenants/me/sync/${failed}/retry`)
      : await post("/api/v1/tenants/me/sync", { mode: "incremental" });
    const told = await answer.json();
    if (!answer.ok) throw new Refused(told.detail);
    following = told.sync_run_id;
    const run = await status(following);
    if (run.finished_at) return ended(run);
    show(run);
    heard();
  }

  async function press() {
    again.disabled = true;
    try {
      await begin();
    } catch (error) {
      words.textContent = wrong(error);
      again.disabled = false;
    }
  }

  // What is here, as the lists have it by now.
  async function count() {
    const total = async (path) => (await read(`${path}?limit=1`)).total;
    const [customers, orders] = await Promise.all([total("/api/v1/customers"), total("/api/v1/orders")]);
    part("here").textContent = `${customers} customers and ${orders} orders are here.`;
  }

  // How the last one went.
  async function last() {
    const [job] = (await read("/api/v1/tenants/me/sync-status")).recent_jobs;
    if (job) show(await status(job.id));
  }

  function ended(run) {
    following = "";
    clearTimeout(quiet);
    show(run);
    tell("changed");
  }

  // A word may be lost on its way, the last one too: whoever follows a run over a socket and hears nothing of it asks.
  function heard() {
    clearTimeout(quiet);
    quiet = setTimeout(() => ask().catch(heard), QUIET_MS);
  }

  async function ask() {
    if (!isOn || polling || !following) return;
    const run = await status(following);
    if (run.finished_at) return ended(run);
    show(run);
    heard();
  }

  // Without a socket: what is under way, and how that which was has ended.
  async function poll() {
    badge(POLLING);
    const [run] = await read("/api/v1/tenants/me/sync/active");
    if (run) {
      following = run.sync_run_id;
      show(run);
    } else if (following) {
      ended(await status(following));
    }
  }

  // Until a socket is open, which one that stands in the way may never say that it will not be.
  function pollUntilOpen() {
    clearInterval(polling);
    polling = setInterval(() => poll().catch(() => {}), POLL_MS);
  }

  function listen(opened) {
    socket = opened;
    const say = (event, data) => opened.send(JSON.stringify({ event, data }));
    let subscribed = "";
    const follow = (run) => {
      if (subscribed !== run.sync_run_id) say("sync:subscribe", { sync_run_id: run.sync_run_id });
      subscribed = following = run.sync_run_id;
      show(run);
      heard();
    };
    const pinging = setInterval(() => opened.readyState === WebSocket.OPEN && say("ping"), PING_MS);
    opened.onopen = () => {
      clearInterval(polling);
      polling = 0;
      badge(LIVE);
      heard();
      say("hello");
    };
    opened.onmessage = ({ data }) => {
      const told = JSON.parse(data);
      if (told.event === "sync:active") told.data.forEach(follow);
      if (told.event === "sync:progress") {
        show(told.data);
        heard();
      }
      if (told.event === "sync:update" && !told.data.finished_at) follow(told.data);
      if (told.event === "sync:completed" || told.event === "sync:failed") ended(told.data);
    };
    opened.onclose = () => {
      clearInterval(pinging);
      if (socket === opened) without();
    };
  }

  // Asks, and tries for a socket again after a while.
  function without() {
    socket = null;
    if (!isOn) return;
    pollUntilOpen();
    clearTimeout(opening);
    opening = setTimeout(open, AGAIN_MS);
  }

  async function open() {
    try {
      const answer = await post("/api/v1/live/tickets");
      if (!answer.ok) throw new Error(answer.status);
      const { url, protocols } = await answer.json();
      if (isOn) listen(new WebSocket(url, protocols));
    } catch {
      without();
    }
  }

  function begun() {
    pollUntilOpen();
    last().catch(() => {}).then(open);
  }

  // There is no shop to watch any more.
  function over() {
    [polling, opening, quiet].forEach(clearTimeout);
    polling = 0;
    following = "";
    const last = socket;
    socket = null;
    last?.close();
  }

  hear("shop", ({ state }) => {
    const was = isOn;
    isOn = state === "connected";
    place.hidden = !isOn;
    if (isOn) count().catch(() => {});
    if (isOn && !was) begun();
    if (was && !isOn) over();
  });
  again.addEventListener("click", press);
})();
