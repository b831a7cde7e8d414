// How full each queue is, what was given up in it, and a button for each thing that can be done about it.

// What stands in an element is always a text, never markup.
function made(name, ...content) {
  const element = document.createElement(name);
  element.append(...content.map((inside) => inside ?? "–"));
  return element;
}

const row = (cell, values) => made("tr", ...values.map((value) => made(cell, value instanceof Node ? value : String(value ?? "–"))));

function button(label, queue, message, act) {
  const pressed = made("button", label);
  pressed.type = "button";
  pressed.addEventListener("click", () => done(`/admin/queues/${queue}/failed/${encodeURIComponent(message.id)}/${act}`));
  return pressed;
}

function failed(queue, told) {
  const head = row("th", ["Message", "Task", "Whose", "Tries", "Why", "Left", ""]);
  const rows = told.items.map((message) => {
    const acts = made("span", button("Retry", queue, message, "retry"), " ", button("Discard", queue, message, "discard"));
    return row("td", [message.id, message.task, message.tenant ?? message.shop, message.attempts, message.why, message.left_at, acts]);
  });
  const shown = `${queue}: ${told.items.length} of ${told.total} that were given up`;
  return [made("h2", shown), made("table", made("thead", head), made("tbody", ...rows))];
}

async function show() {
  const answer = await fetch("/admin/queues");
  part("sign-in").hidden = answer.status !== 401;
  part("queues").hidden = !answer.ok;
  if (answer.status === 401) return;
  const told = await answer.json();
  if (!answer.ok) {
    say(told.detail);
    return;
  }
  const cells = (queue) => [queue.queue, queue.waiting, queue.active, queue.delayed, queue.failed, queue.oldest_seconds === null ? null : `${queue.oldest_seconds} s`];
  part("depths").replaceChildren(...told.items.map((queue) => row("td", cells(queue))));
  const lists = [];
  for (const { queue } of told.items.filter((queue) => queue.failed > 0)) {
    const listed = await fetch(`/admin/queues/${queue}/failed?limit=100`);
    if (listed.ok) lists.push(...failed(queue, await listed.json()));
  }
  part("failed").replaceChildren(...lists);
}

async function done(path, body) {
  say("One moment…");
  try {
    const answer = await post(path, body);
    say(answer.ok ? "" : (await answer.json()).detail);
    await show();
  } catch {
    say(UNANSWERED);
  }
}

part("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  done("/api/auth/login", Object.fromEntries(new FormData(event.target)));
});
part("again").addEventListener("click", () => show().catch(() => say(UNANSWERED)));
show().catch(() => say(UNANSWERED));
