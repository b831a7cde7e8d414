// How the shop is connected, in words, and which parts of a page are about a shop that is. For pages that hold shop.html; takes
// `part` and `tell` from page.js.
const STATES = {
  never: () => "No shop is connected yet.",
  connected: (shop) => `${shop} is connected.`,
  needs_reauth: (shop) => `Shopify does not let us into ${shop} any more. Connect it again.`,
  disconnected: (shop) => `${shop} is disconnected. What is kept of it is here again once it is connected.`,
  uninstalled: (shop) => `The app was removed from ${shop}. Connect it again to go on.`,
};

// Why a connected shop gives no answer.
const UNREACHED = {
  app_unknown: "Shopify does not know this app there: it may have been removed from the shop. Connect it again if so; otherwise it is ours to mend.",
  frozen: "Shopify has frozen it until it is paid for.",
  locked: "Shopify has locked it.",
  not_there: "Shopify knows no such shop: it may have been closed.",
};

// A mail leads there.
let isPrivacyMeant = location.hash === "#privacy";

// Shows what the page has about a shop of which the server tells this, lets the other scripts know, and says how it is.
function standing(told) {
  const isThere = told.state !== "never";
  for (const about of ["health", "told", "privacy"]) part(about).hidden = !isThere;
  if (isThere && isPrivacyMeant) part("privacy").open = true;
  isPrivacyMeant &&= !isThere;
  part("recent").hidden = !told.orders?.allow_all_at;
  part("days").textContent = told.orders?.days ?? "";
  part("allow").href = told.orders?.allow_all_at ?? "";
  part("version").hidden = !told.api?.advice;
  part("version").textContent = told.api?.advice ?? "";
  tell("shop", told);
  const since = told.unreached && new Date(told.unreached.since).toLocaleString();
  const unreached = since && `It cannot be reached since ${since}. ${UNREACHED[told.unreached.why]}`;
  return [STATES[told.state](told.shop), unreached].filter(Boolean).join(" ");
}
