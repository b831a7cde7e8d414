// Stands for App Bridge at home: hands the app's pages session tokens, which it has from the admin around the frame.
(() => {
  const base = new URL(".", document.currentScript.src);
  const asked = new URLSearchParams(location.search);
  const waiting = new Map();
  const admin = () => {
    const name = atob(asked.get("host") ?? "").split("/").pop();
    return name ? new URL(`${name}.myshopify.com/admin/apps/regulars`, base) : null;
  };
  // Within the admin alone there is somebody to ask.
  if (window.parent === window) {
    const to = admin();
    if (to) location.replace(to);
    return;
  }
  addEventListener("message", ({ source, origin, data }) => {
    if (source !== window.parent || origin !== base.origin || data?.kind !== "session-token") return;
    waiting.get(data.number)?.(data.token);
    waiting.delete(data.number);
  });
  let number = 0;
  const idToken = () =>
    new Promise((done) => {
      number += 1;
      waiting.set(number, done);
      window.parent.postMessage({ kind: "session-token", number }, base.origin);
    });
  window.shopify = { idToken };

  const back = asked.get("shopify-reload");
  if (back) {
    idToken().then((token) => {
      const to = new URL(back, location.origin);
      to.searchParams.set("id_token", token);
      location.replace(to);
    });
  }
})();
