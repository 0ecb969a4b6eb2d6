// One round of BullMQ: adds jobs in batches, works them off, and tells what that cost Redis.
//
//   node bullmq.mjs <socket> <jobs> <batch>
//
// The answer is one line of JSON, in microseconds and bytes per job. Jobs have ids and 200-byte inputs of the same
// form as StoreCost's.
import { Queue, Worker } from 'bullmq';
import IORedis from 'ioredis';

const [socket, jobs, batch] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const connection = { path: socket, maxRetriesPerRequest: null };
const redis = new IORedis(connection);

/** What Redis has used so far. */
async function reading() {
  const info = await redis.info('everything');
  const field = (name) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1] ?? 0);
  const scripts = /^cmdstat_evalsha:calls=(\d+),usec=(\d+)/m.exec(info);
  return {
    cpu: (field('used_cpu_user_main_thread') + field('used_cpu_sys_main_thread')) * 1e6,
    script: Number(scripts?.[2] ?? 0),
    calls: Number(scripts?.[1] ?? 0),
    // as with ours, without the stream of events, which is bounded
    memory: field('used_memory') - ((await redis.memory('USAGE', 'bull:webhooks:events')) ?? 0),
  };
}

function input(index) {
  const start = { orderId: `evt_${index}`, note: '' };
  start.note = 'x'.repeat(200 - JSON.stringify(start).length);
  return start;
}

async function add(queue, from, count) {
  for (let i = from; i < from + count; i += batch) {
    const list = [];
    for (let k = i; k < Math.min(i + batch, from + count); k++) {
      list.push({ name: 'deliver', data: input(k), opts: { jobId: `deliver-evt_${k}` } });
    }
    await queue.addBulk(list);
  }
}

async function work(count) {
  let done = 0;
  let finish;
  const finished = new Promise((resolve) => (finish = resolve));
  const worker = new Worker('webhooks', async () => 200, { connection, concurrency: batch });
  worker.on('completed', () => {
    if (++done === count) finish();
  });
  await finished;
  return worker;
}

const queue = new Queue('webhooks', { connection });
await queue.waitUntilReady();
// the scripts are loaded and compiled before anything is measured
await add(queue, 0, 500);
await (await work(500)).close();
await redis.flushall();

const before = await reading();
await add(queue, 0, jobs);
const queued = await reading();
const worker = await work(jobs);
const closed = await reading();
await worker.close();
await queue.close();
redis.disconnect();

const per = (a, b, what) => (b[what] - a[what]) / jobs;
console.log(
  JSON.stringify({
    addCpu: per(before, queued, 'cpu'),
    workCpu: per(queued, closed, 'cpu'),
    addScript: per(before, queued, 'script'),
    workScript: per(queued, closed, 'script'),
    calls: per(before, closed, 'calls'),
    bytesQueued: per(before, queued, 'memory'),
    bytesClosed: per(before, closed, 'memory'),
  }),
);
process.exit(0);
