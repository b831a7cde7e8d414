// What the shop told lately and what became of it, with a button for each event that can be taken up once more; and whether
// something came since. Takes `listing`, `call`, `tell` and `hear` from page.js.
(() => {
  const WEBHOOKS = "/api/v1/tenants/me/webhooks";
  const NEWS_MS = 10_000;

  listing("told", {
    path: WEBHOOKS,
    words: {
      none: "Nothing in the last seven days.",
      some: "The last 50 events.",
      all: "All events of the last seven days.",
    },
    cells(event, button) {
      const because = event.error ?? event.unread ?? event.left_out ?? event.because;
      const became = because ? `${event.status}: ${because}` : event.status;
      const again = `${event.topic} is taken up once more. What becomes of it is shown here in a moment.`;
      const replay = event.can_be_replayed && button("Replay", `${encodeURIComponent(event.id)}/replay`, again);
      return [new Date(event.at).toLocaleString(), event.topic, [became, event.advice, replay], event.attempts];
    },
  });

  // The newest event tells whether something came: all that is shown of the shop is asked for again then, and not before.
  let isConnected = false;
  let newest;
  async function news() {
    if (!isConnected || document.hidden) return;
    const was = newest;
    const answer = await call(`${WEBHOOKS}?limit=1`);
    if (answer.ok) newest = JSON.stringify((await answer.json()).items);
    // Of a shop that has left us nothing is told any more: that it has is news as well, once.
    else if (answer.status === 403) newest = undefined;
    if (was !== undefined && newest !== was) tell("changed");
  }
  const look = () => news().catch(() => {});
  hear("shop", ({ state }) => {
    isConnected = state === "connected";
    if (newest === undefined) look();
  });
  setInterval(look, NEWS_MS);
})();
