"""Shows who judges what, and fails where somebody differs from shared/shopify without a reason, or agrees in spite of one."""
import json
import sys
from pathlib import Path

kept, show_all = Path(sys.argv[1]), "--all" in sys.argv[2:]
cases = json.loads((kept / "cases.json").read_text())["cases"]
ours, node, python = (json.loads((kept / f"{name}.json").read_text()) for name in ("ours", "node", "python"))
assert len(cases) == len(ours) == len(node) == len(python), "a verdict for each case"

wrong, reasoned, compared = [], 0, 0
for it, us, *others in zip(cases, ours, node, python):
    named = dict(zip(("node", "python"), others))
    label = f"{it['kind']} {it['name']!r}"
    for who, verdict in named.items():
        reason = it["differs"].get(who)
        if verdict is None:
            if reason:
                wrong.append(f"{label}: {who} says nothing, and a reason is told")
            continue
        compared += 1
        if verdict != us and not reason:
            wrong.append(f"{label}: {who} says {verdict}, we say {us}")
        elif verdict == us and reason:
            wrong.append(f"{label}: {who} agrees, and a reason is told why it does not")
        reasoned += verdict != us and bool(reason)
    differs = any(verdict not in (None, us) for verdict in others)
    if show_all or differs:
        short = [str(verdict)[:24] if verdict is not None else "–" for verdict in (us, *others)]
        print(f"{label[:56]:56} ours {short[0]:24} node {short[1]:24} python {short[2]}")
        for who, reason in it["differs"].items():
            print(f"    {who}: {reason}")
print(f"{len(cases)} cases, {compared} verdicts compared: {compared - reasoned - len(wrong)} agree, {reasoned} differ for a reason")
for line in wrong:
    print(f"WRONG {line}")
sys.exit(1 if wrong else 0)
