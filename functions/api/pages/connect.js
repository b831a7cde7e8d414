// How the shop is connected, what was in the way if something was, and the forms for what can be done next. Takes `standing` from
// shop.js.
const asked = new URLSearchParams(location.search);

const IN_THE_WAY = {
  sign_in: "Sign in, and connect the shop then.",
  nowhere: "You belong to no account any more. Connect the shop once more: it gets one of its own.",
  store_taken: "This shop is connected to another account. Disconnect it there first, or ask whoever connected it to invite you.",
  already_connected: "This account has another shop. Open a further account for this one.",
  currency_differs: "What is kept in this account counts in another currency than the shop. Open a further account for it.",
  oauth_failed: "Shopify did not let us in: the question was cancelled, or it took too long. Try again.",
  scopes_missing: "Not all that we need was allowed. Try again, and allow all of it.",
  callback_failed: "Shopify did not answer as it should. Nothing has changed; try again in a moment.",
};

async function show() {
  const answer = await call("/api/v1/tenants/me/shop");
  const wrong = IN_THE_WAY[asked.get("error")];
  if (answer.status === 401) return outside(wrong);
  const told = await answer.json();
  if (!answer.ok) return say(told.detail);
  const state = standing(told);
  // Somebody may come back to an old address: what is connected now needs no word about what was in its way.
  const isOver = told.state === "connected" && told.shop === asked.get("shop");
  say(wrong && !isOver ? `${wrong} ${state}` : state);
  part("sign-in").hidden = true;
  part("connect").hidden = told.state === "connected" && !told.unreached;
  part("disconnect").hidden = told.state !== "connected";
  part("shop").value ||= asked.get("shop") ?? told.shop ?? "";
}

// Nobody has signed in, or they have and belong to no account any more: to sign in again would not help them.
async function outside(wrong) {
  const answer = await call("/api/auth/me");
  standing({ state: "never" });
  part("sign-in").hidden = answer.ok;
  part("connect").hidden = !answer.ok;
  part("disconnect").hidden = true;
  part("shop").value ||= asked.get("shop") ?? "";
  say(wrong ?? (answer.ok ? "You belong to no account. Connect a shop: it gets one of its own." : ""));
}

async function done(event, path, body) {
  event.preventDefault();
  const pressed = event.target.querySelector("button");
  pressed.disabled = true;
  say("One moment…");
  try {
    const answer = await post(path, body);
    if (answer.ok) {
      asked.delete("error");
      await show();
    } else {
      say((await answer.json()).detail);
    }
  } catch {
    say(UNANSWERED);
  }
  pressed.disabled = false;
}

const look = () => show().catch(() => say(UNANSWERED));

part("sign-in").addEventListener("submit", (event) =>
  done(event, "/api/auth/login", Object.fromEntries(new FormData(event.target))),
);
part("disconnect").addEventListener("submit", (event) => done(event, "/api/v1/tenants/me/shop/disconnect"));
hear("changed", look);
look();
