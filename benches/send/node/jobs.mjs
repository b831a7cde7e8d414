// As many jobs that do nothing as a campaign has messages, through a queue of BullMQ's: added in batches, then worked off.
//   jobs.mjs REDIS_PORT JOBS AT_ONCE     says in JSON how long it took
import {Queue, Worker} from 'bullmq';

const [port, jobs, concurrency] = process.argv.slice(2).map(Number);
const BATCH = 1_000;
const connection = {host: '127.0.0.1', port, maxRetriesPerRequest: null};

const told = (asked, began, before) => {
  const {user, system} = process.cpuUsage(before);
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({asked, count: jobs, seconds, cpu: (user + system) / 1e6, peak}));
};

const queue = new Queue('messages', {connection});
await queue.waitUntilReady();
const [adding, spent] = [process.hrtime.bigint(), process.cpuUsage()];
for (let first = 0; first < jobs; first += BATCH) {
  const count = Math.min(BATCH, jobs - first);
  await queue.addBulk(Array.from({length: count}, (_, at) => ({
    name: 'send', data: {campaign: 'spring', customer: first + at}, opts: {removeOnComplete: true},
  })));
}
told('added', adding, spent);

const [working, used] = [process.hrtime.bigint(), process.cpuUsage()];
let done = 0;
const worker = new Worker('messages', async () => {}, {connection, concurrency});
await new Promise((resolve) => worker.on('completed', () => { if ((done += 1) === jobs) resolve(); }));
told('done', working, used);
await worker.close();
await queue.close();
