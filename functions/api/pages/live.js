// How far the shop's sync is, and what is here by then: told over a socket, asked for as long as none is open. Takes `part`,
// `read`, `post`, `following`, `tell` and `hear` from page.js.
(() => {
  const place = part("sync");
  const QUIET_MS = 15_000;
  const bar = place.querySelector("progress");
  const words = place.querySelector("output");
  const again = part("again");
  // The server's words for it are Shopify's.
  const DENIED = "Shopify shows an app what its merchant and Shopify's review have allowed, personal data above all. What was here stays as it was; once it is allowed, try again.";
  let isOn = false;
  let quiet = 0;
  let followed = "";
  let subscribed = "";
  let failed = "";

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
    followed = told.sync_run_id;
    const run = await status(followed);
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
    followed = "";
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
    if (!live.isOpen() || !followed) return;
    const run = await status(followed);
    if (run.finished_at) return ended(run);
    show(run);
    heard();
  }

  // Without a socket: what is under way, and how that which was has ended.
  async function poll() {
    const [run] = await read("/api/v1/tenants/me/sync/active");
    if (run) {
      followed = run.sync_run_id;
      show(run);
    } else if (followed) {
      ended(await status(followed));
    }
  }

  const live = following({
    every: 2,
    ask: () => poll().catch(() => {}),
    opened() {
      subscribed = "";
      heard();
    },
    heard({ event, data }, say) {
      const follow = (run) => {
        if (subscribed !== run.sync_run_id) say("sync:subscribe", { sync_run_id: run.sync_run_id });
        subscribed = followed = run.sync_run_id;
        show(run);
        heard();
      };
      if (event === "sync:active") data.forEach(follow);
      if (event === "sync:progress") {
        show(data);
        heard();
      }
      if (event === "sync:update" && !data.finished_at) follow(data);
      if (event === "sync:completed" || event === "sync:failed") ended(data);
    },
  });

  // There is no shop to watch any more.
  function over() {
    clearTimeout(quiet);
    followed = "";
    live.end();
  }

  hear("shop", ({ state }) => {
    const was = isOn;
    isOn = state === "connected";
    place.hidden = !isOn;
    if (isOn) count().catch(() => {});
    if (isOn && !was) live.begin(last().catch(() => {}));
    if (was && !isOn) over();
  });
  again.addEventListener("click", press);
})();
