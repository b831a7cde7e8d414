// What the scripts of our pages have in common: their elements, calls that change something, and words about a shop.
const part = (id) => document.getElementById(id);
const say = (text) => (part("said").textContent = text);

// A browser that is signed in by cookies must show its token with whatever it changes.
const csrf = () =>
  document.cookie.split("; ").find((pair) => pair.startsWith("__Host-csrf="))?.slice("__Host-csrf=".length) ?? "";

const post = (path, body) =>
  fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf() },
    body: body && JSON.stringify(body),
  });

// How a shop is connected.
const STATES = {
  never: () => "No shop is connected yet.",
  connected: (shop) => `${shop} is connected.`,
  needs_reauth: (shop) => `Shopify does not let us into ${shop} any more. Connect it again.`,
  disconnected: (shop) => `${shop} is disconnected. What is kept of it is here again once it is connected.`,
  uninstalled: (shop) => `The app was removed from ${shop}. Connect it again to go on.`,
};
