// How the shop is connected, and what is under way. Within Shopify's admin App Bridge says who is there; by itself the page has
// our cookies. Takes `standing` from shop.js.
const bridge = window.shopify;
let access = "";
let email = "";

// App Bridge's word is worth a sign-in, and its answer the token that calls bear.
async function signIn(connect, isSecondTry = false) {
  const answer = await fetch("/api/auth/shopify", {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${await bridge.idToken()}` },
    body: JSON.stringify({ connect }),
  });
  if (answer.status === 401 && !isSecondTry) return signIn(connect, true);
  const told = await answer.json();
  if (!answer.ok) throw new Refused(told.detail);
  access = told.access_token;
}

if (bridge) {
  signed.headers = () => ({ Authorization: `Bearer ${access}` });
  signed.again = () => signIn(false).then(() => true, () => false);
}

function eventsOf(events) {
  if (!events) return "nothing";
  const lacking = events.lacking.map((it) => (it.scope ? `${it.topic} (not allowed: ${it.scope})` : it.topic));
  return lacking.length ? `everything but ${lacking.join(", ")}` : "everything that we ask for";
}

const ordersOf = (orders) => (orders.shown === "all" ? "all" : `of the last ${orders.days} days alone`);

async function show() {
  const answer = await call("/api/v1/tenants/me/shop");
  part("elsewhere").hidden = Boolean(bridge);
  if (answer.status === 401) {
    part("facts").hidden = true;
    standing({ state: "never" });
    return say("Nobody has signed in here.");
  }
  const told = await answer.json();
  if (!answer.ok) return say(told.detail);
  say(standing(told));
  email ||= (await read("/api/auth/me")).user?.email ?? "";
  part("shop").textContent = told.shop ?? "none";
  part("who").textContent = email;
  part("since").textContent = told.connected_at ? new Date(told.connected_at).toLocaleString() : "never";
  part("events").textContent = eventsOf(told.events);
  part("orders").textContent = told.orders ? ordersOf(told.orders) : "none";
  part("facts").hidden = false;
  part("connect").hidden = !bridge || told.state === "connected";
}

async function begin(connect) {
  part("connect").disabled = true;
  say("One moment…");
  try {
    if (bridge) await signIn(connect);
    await show();
  } catch (error) {
    say(wrong(error));
  }
  part("connect").disabled = false;
}

part("connect").addEventListener("click", () => begin(true));
hear("changed", () => show().catch((error) => say(wrong(error))));
begin(false);
