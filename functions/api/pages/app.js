// How the shop is connected. Within Shopify's admin App Bridge says who is there; by itself the page has our cookies.
const bridge = window.shopify;
let access = null;

async function signIn(connect, isSecondTry = false) {
  const answer = await fetch("/api/auth/shopify", {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${await bridge.idToken()}` },
    body: JSON.stringify({ connect }),
  });
  if (answer.status === 401 && !isSecondTry) return signIn(connect, true);
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.detail);
  access = told.access_token;
}

const get = (path) => fetch(path, access ? { headers: { Authorization: `Bearer ${access}` } } : {});

function eventsOf(events) {
  if (!events) return "nothing";
  const lacking = events.lacking.map((it) => (it.scope ? `${it.topic} (not allowed: ${it.scope})` : it.topic));
  return lacking.length ? `everything but ${lacking.join(", ")}` : "everything that we ask for";
}

const ordersOf = (orders) => (orders.shown === "all" ? "all" : `of the last ${orders.days} days alone`);

async function show() {
  const [shop, me] = await Promise.all([get("/api/v1/tenants/me/shop"), get("/api/auth/me")]);
  part("elsewhere").hidden = Boolean(bridge);
  if (shop.status === 401) return say("Nobody has signed in here.");
  const [told, person] = [await shop.json(), await me.json()];
  if (!shop.ok) return say(told.detail);
  say(STATES[told.state](told.shop));
  part("shop").textContent = told.shop ?? "none";
  part("who").textContent = person.user?.email ?? "";
  part("since").textContent = told.connected_at ? new Date(told.connected_at).toLocaleString() : "never";
  part("events").textContent = eventsOf(told.events);
  part("orders").textContent = told.orders ? ordersOf(told.orders) : "none";
  part("allow").hidden = !told.orders?.allow_all_at;
  part("allow").href = told.orders?.allow_all_at ?? "";
  part("facts").hidden = false;
  part("connect").hidden = !bridge || told.state === "connected";
}

async function begin(connect) {
  say("One moment…");
  try {
    if (bridge) await signIn(connect);
    await show();
  } catch (error) {
    say(error instanceof TypeError ? "The server did not answer. Try again." : error.message);
  }
}

part("connect").addEventListener("click", () => begin(true));
begin(false);
