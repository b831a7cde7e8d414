// One campaign: how it stands and what can be done with it. Its counts climb as they are told over a socket, and are asked for as
// long as none is open.
(() => {
  const ID = location.pathname.split("/").at(-1);
  const PATH = `/api/v1/campaigns/${ID}`;
  const ACTS = { launch: "Launch now", pause: "Pause", resume: "Go on", unschedule: "Do not send it by itself", cancel: "Cancel" };
  // What cannot be taken back is asked twice.
  const SURE = { launch: "Yes, launch it", cancel: "Yes, cancel it for good" };
  const COUNTS = {
    chosen: "People chosen", pending: "Not sent yet", sending: "On their way", sent: "Sent, no more known yet", delivered: "Delivered",
    bounced: "Came back", failed: "Refused", unknown: "Nobody knows", skipped: "Left out at the last moment", opened: "Opened",
    clicked: "Clicked", unsubscribed: "Unsubscribed", complained: "Marked as spam",
  };
  const ALWAYS = ["chosen", "pending", "delivered"];
  const bar = part("campaign").querySelector("progress");
  const plain = (name) => name.replaceAll("_", " ");
  const number = (count) => count.toLocaleString();
  const when = (at) => new Date(at).toLocaleString();
  let status = "";
  let leftOut = [];
  let people = null;
  let isFollowed = false;
  let offered = null;
  let refusal = "";

  // Always texts, never markup.
  function rows(table, lines) {
    part(table).querySelector("tbody").replaceChildren();
    for (const line of lines) {
      const row = part(table).querySelector("tbody").insertRow();
      line.forEach((text) => row.insertCell().append(text));
    }
  }

  function counted(counts) {
    const shown = Object.keys(COUNTS).filter((name) => counts[name] > 0 || ALWAYS.includes(name));
    rows("counts", shown.map((name) => [COUNTS[name], number(counts[name])]));
    const out = counts.chosen - counts.pending - counts.sending;
    bar.hidden = !["planning", "sending", "paused"].includes(status) || counts.chosen === 0;
    bar.value = counts.chosen && Math.floor((100 * out) / counts.chosen);
    const later = Object.entries(counts.reasons).map(([reason, count]) => [plain(reason), number(count)]);
    const before = leftOut.map(({ reason, count }) => [`${plain(reason)}, as it was planned`, number(count)]);
    rows("reasons", [...before, ...later]);
    part("nobody").textContent = before.length + later.length ? "" : "There is nobody of whom that is known.";
  }

  function button(act) {
    const pressed = document.createElement("button");
    pressed.type = "button";
    pressed.textContent = ACTS[act];
    pressed.addEventListener("click", () => {
      if (SURE[act] && pressed.textContent !== SURE[act]) return (pressed.textContent = SURE[act]);
      pressed.disabled = true;
      done(`${PATH}/${act}`);
    });
    return pressed;
  }

  function shown(told) {
    status = told.status;
    leftOut = (told.plan?.left_out ?? []).filter(({ count }) => count > 0);
    part("name").textContent = told.name;
    const begins = told.next_at ? `, begins ${when(told.next_at)}` : "";
    const ended = told.ended_at ? `, over since ${when(told.ended_at)}` : "";
    part("status").textContent = `It is ${status === "draft" ? "a draft" : status}${begins}${ended}.${told.reason ? ` ${told.reason}.` : ""}`;
    Object.assign(part("change"), { href: `/campaigns/new?draft=${ID}`, hidden: status !== "draft" });
    const acts = Object.keys(ACTS).filter((act) => told.can.includes(act));
    // Not under somebody's hands.
    if (offered !== acts.join()) part("acts").replaceChildren(...acts.flatMap((act) => [button(act), " "]));
    offered = acts.join();
    const by = (move) => (move.user ? people.get(move.user) ?? "somebody" : move.key ? "an API key" : "Regulars");
    rows("moves", told.moves.map((move) => [when(move.at), move.act, by(move)]));
  }

  async function show() {
    const answer = await call(PATH);
    const told = await answer.json();
    part("sign-in").hidden = answer.status !== 401;
    part("campaign").hidden = !answer.ok;
    if (answer.status === 401) return say(refusal || "Sign in to see this campaign.");
    if (!answer.ok) return say(told.detail);
    people ??= new Map((await read("/api/v1/members?limit=100")).items.map(({ id, name }) => [id, name]));
    shown(told);
    counted((await read(`${PATH}/delivery`)).counts);
    say(refusal);
    if (isFollowed) return;
    isFollowed = true;
    live.begin();
  }

  async function done(path, body) {
    say("One moment…");
    try {
      const answer = await post(path, body);
      refusal = answer.ok ? "" : (await answer.json()).detail;
      offered = null;
      await show();
    } catch {
      say(UNANSWERED);
    }
  }

  const look = () => show().catch(() => say(UNANSWERED));

  function heard({ event, data }) {
    if (event !== "campaigns:counts" || data.campaign_id !== ID) return;
    // Another status: there is more to say of it, and other things can be done.
    if (data.status !== status) return look();
    counted(data);
  }

  // What happened while none was open is looked for once one is.
  const live = following({ every: 5, ask: look, opened: look, heard });

  part("sign-in").addEventListener("submit", (event) => {
    event.preventDefault();
    done("/api/auth/login", Object.fromEntries(new FormData(event.target)));
  });
  look();
})();
