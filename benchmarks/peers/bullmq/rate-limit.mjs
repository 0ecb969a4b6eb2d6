// One run of BullMQ under its own limiter: a job alone, a little later a backlog; tells when each job was started.
//
//   node rate-limit.mjs <socket> <max> <duration, ms> <seconds> <workers> <from the first job to the backlog, ms>
//
// The answer is one line of JSON: the moments, ms since 1970, by this process's clock, which is also that of Redis.
import { Queue, Worker } from 'bullmq';

const [max, duration, seconds, count, later] = process.argv.slice(3).map(Number);
const connection = { path: process.argv[2], maxRetriesPerRequest: null };
const queue = new Queue('limited', { connection });

async function add(jobs) {
  for (let left = jobs; left > 0; left -= 500) {
    const length = Math.min(500, left);
    await queue.addBulk(Array.from({ length }, () => ({ name: 'count', data: {} })));
  }
}

const started = [];
let finish;
const finished = new Promise((resolve) => (finish = resolve));
const work = async (job) => {
  if (started.push(job.processedOn) === 1) {
    const backlog = queue.pause().then(() => add(Math.ceil((max / duration) * 1000 * (seconds + 3) + 3 * max)));
    setTimeout(() => backlog.then(() => queue.resume()), later);
  }
  if (job.processedOn - started[0] >= (seconds + 1) * 1000) finish();
};
const options = { connection, concurrency: 50, limiter: { max, duration } };
const workers = Array.from({ length: count }, () => new Worker('limited', work, options));
await Promise.all(workers.map((worker) => worker.waitUntilReady()));
await add(1);
await finished;
await Promise.all(workers.map((worker) => worker.close(true)));
await queue.close();
process.stdout.write(JSON.stringify(started) + '\n', () => process.exit(0));
