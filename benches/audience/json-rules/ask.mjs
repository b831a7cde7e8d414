// Asks json-rules-engine the questions that a rule over one customer can answer, row by row, of the first customers.
//   node ask.mjs FOLDER SAMPLE
// Names are folded and orders stand at their customer beforehand: only the engine is timed.
import { createReadStream, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Engine } from "json-rules-engine";

const [folder, sample] = [process.argv[2], Number(process.argv[3])];
const NOW = 1_795_000_000;
const DAY = 86_400;

async function* lines(name) {
  let head;
  for await (const line of createInterface({ input: createReadStream(`${folder}/${name}.csv`) })) {
    const fields = line.split(",");
    if (head) yield Object.fromEntries(head.map((name, place) => [name, fields[place]]));
    else head = fields;
  }
}

const customers = new Map();
for await (const line of lines("customers")) {
  if (customers.size === sample) break;
  const name = `${line.first_name}\n${line.last_name}\n${line.email}`;
  const facts = { folded: name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase(), history: [] };
  for (const column of ["added_at", "last_order_at", "orders", "spent", "email_state", "account_state"]) {
    facts[column] = line[column] === "" ? null : Number(line[column]);
  }
  customers.set(line.id, facts);
}
// Orders stand in the order of their customers.
for await (const line of lines("orders")) {
  const facts = customers.get(line.customer);
  if (!facts) break;
  facts.history.push({ at: Number(line.placed_at), net: Number(line.net), state: Number(line.state) });
}

const questions = {
  "six predicates": [
    { fact: "spent", operator: "greaterThanInclusive", value: 10_000 },
    { fact: "orders", operator: "greaterThanInclusive", value: 3 },
    { fact: "last_order_at", operator: "greaterThanInclusive", value: NOW - 365 * DAY },
    { fact: "added_at", operator: "lessThanInclusive", value: NOW - 180 * DAY },
    { fact: "email_state", operator: "equal", value: 1 },
    { not: { fact: "account_state", operator: "equal", value: 2 } },
  ],
  "text search": [
    { fact: "folded", operator: "holds", value: "jose" },
    { fact: "folded", operator: "holds", value: "garcia" },
  ],
  "order window": [
    { fact: "history", operator: "ordered", value: { since: NOW - 90 * DAY, net: 1_500, count: 2, sum: 6_000 } },
  ],
};

for (const [asked, all] of Object.entries(questions)) {
  const engine = new Engine([{ conditions: { all }, event: { type: "passed" } }], { allowUndefinedFacts: true });
  engine.addOperator("holds", (text, part) => text.includes(part));
  engine.addOperator("ordered", (history, { since, net, count, sum }) => {
    const fitting = history.filter((order) => order.at >= since && order.net >= net && order.state === 2);
    return fitting.length >= count && fitting.reduce((total, order) => total + order.net, 0) >= sum;
  });
  const seconds = [];
  let passed;
  for (let round = 0; round < 4; round += 1) {
    const start = process.hrtime.bigint();
    passed = [];
    for (const [id, facts] of customers) {
      const { events } = await engine.run(facts);
      if (events.length > 0) passed.push(BigInt(id));
    }
    seconds.push(Number(process.hrtime.bigint() - start) / 1e9);
  }
  // The first round warms up.
  const median = seconds.slice(1).sort((one, other) => one - other)[1];
  const digest = BigInt.asUintN(64, passed.reduce((sum, id) => sum + id * id, 0n)).toString(16);
  const answer = { asked, seconds: median, rows: customers.size, found: passed.length, digest };
  console.log(JSON.stringify(answer));
}
const version = JSON.parse(readFileSync(new URL("node_modules/json-rules-engine/package.json", import.meta.url))).version;
console.log(JSON.stringify({ version }));
