// The admin around the app's frame: hands it session tokens when it asks.
const frame = document.querySelector("iframe");
const app = new URL(frame.src).origin;
addEventListener("message", async ({ source, origin, data }) => {
  if (source !== frame.contentWindow || origin !== app || data?.kind !== "session-token") return;
  const answer = await fetch("session-token", { method: "POST" });
  frame.contentWindow.postMessage({ ...data, token: await answer.text() }, app);
});
