// What the shop told lately and what became of it, with a button for each event that can be taken up once more. The page does
// without this script, which takes `listing` from page.js.
listing("told", {
  path: "/api/v1/tenants/me/webhooks",
  words: {
    none: "Nothing in the last seven days.",
    some: "The last 50 events.",
    all: "All events of the last seven days.",
  },
  cells(event, button) {
    const because = event.error ?? event.unread ?? event.left_out ?? event.because;
    const became = because ? `${event.status}: ${because}` : event.status;
    const again = `${event.topic} is taken up once more. Look again in a moment.`;
    const replay = event.can_be_replayed && button("Replay", `${encodeURIComponent(event.id)}/replay`, again);
    return [new Date(event.at).toLocaleString(), event.topic, [became, event.advice, replay], event.attempts];
  },
});
