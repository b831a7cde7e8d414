// Sends a page's form as JSON, with the token of the link. The token stands behind the "#": it never reaches a
// server's log.
const form = document.querySelector("form");
const said = document.querySelector("output");
const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";

if (!token) {
  said.textContent = "This page opens from the link in a mail. The link is incomplete.";
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  said.textContent = "One moment…";
  const fields = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
  try {
    const answer = await post(form.dataset.to, { ...fields, token });
    const body = await answer.json();
    if (answer.ok) {
      form.hidden = true;
      said.textContent = form.dataset.done;
    } else {
      const parts = (body.errors ?? []).map((part) => `${part.pointer.slice(1)} ${part.detail}`);
      said.textContent = parts.length ? parts.join("; ") : body.detail;
    }
  } catch {
    said.textContent = "The server did not answer. Try again.";
  }
});
