// A worker in plain Node.js (18 or later): delivers batches, and goes on where an earlier attempt stopped.
//
//     node worker.mjs [--server=http://127.0.0.1:8080] [--queue=batches] [--interval=1]
//
// It works on jobs of type deliver-batch, whose input is {"url": "http://…", "items": […]}.

import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

const options = { server: 'http://127.0.0.1:8080', queue: 'batches', interval: '1' }
for (const argument of process.argv.slice(2)) {
  const [, name, value] = /^--(server|queue|interval)=(.+)$/.exec(argument) ?? []
  if (!name) {
    console.error(`unknown argument ${argument}; known are --server= --queue= --interval=`)
    process.exit(2)
  }
  options[name] = value
}
const worker = `${hostname()}/${process.pid}`

// SIGTERM ends waiting at once; an item that is being delivered is finished first.
const stopping = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => stopping.abort())

/** The server does not take a call; the message is its problem code, such as lease_lost. */
class Refused extends Error {}

function post(url, body, headers, signal) {
  headers = { 'Content-Type': 'application/json', ...headers }
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal })
}

/** Calls the API, again and again while it is away or busy: every call may be repeated. */
async function call(path, body, signal) {
  for (let pause = 100; ; pause = Math.min(2 * pause, 5000)) {
    try {
      const answer = await post(`${options.server}/v1/${path}`, body, {}, signal)
      const text = await answer.text()
      if (answer.ok) return JSON.parse(text || '{}')
      if (answer.status < 500 && answer.status !== 429) {
        throw new Refused(text.startsWith('{') ? JSON.parse(text).code : answer.status)
      }
      console.log(`${options.server} answered ${answer.status}`)
      pause = Math.max(pause, 1000 * Number(answer.headers.get('Retry-After')))
    } catch (e) {
      if (e instanceof Refused || signal?.aborted) throw e
      console.log(`no answer from ${options.server}: ${e.cause ?? e}`)
    }
    await sleep(pause, undefined, { signal })
  }
}

const report = (task, verb, body) => call(`tasks/${task.token}/${verb}`, body)

async function deliverBatch(task) {
  const { input: { url, items }, jobId: job } = task
  let index = task.heartbeatDetails ?? 0
  if (index > 0) console.log(`${job}: resuming at index ${index} (attempt ${task.attempt})`)
  let asked = {}
  for (let nextItem = Date.now(); index < items.length; ) {
    const wait = sleep(Math.max(0, nextItem - Date.now()), undefined, { signal: stopping.signal })
    await wait.catch(() => {}) // SIGTERM has ended it
    if (stopping.signal.aborted || asked.pauseRequested || asked.resetRequested) {
      console.log(`${job}: handed back at index ${index}`)
      return report(task, 'hand-back', {})
    }
    nextItem = Date.now() + 1000 * options.interval
    // The same key on every attempt: the receiver can tell a repetition.
    const key = { 'Idempotency-Key': `${task.idempotencyKey}:${index}` }
    const answer = await post(url, { index, item: items[index] }, key, AbortSignal.timeout(4000))
    await answer.text()
    if (!answer.ok) throw new Error(`the receiver answered ${answer.status}`)
    index++
    asked = await report(task, 'heartbeat', { details: index })
    console.log(`${job}: delivered ${index} of ${items.length}`)
    if (asked.cancelRequested) {
      console.log(`${job}: canceled at index ${index}`)
      return report(task, 'canceled', { details: index })
    }
  }
  await report(task, 'complete', { result: { delivered: index } })
  console.log(`${job}: completed`)
}

async function work(task) {
  try {
    if (task.type !== 'deliver-batch') throw new Error(`this worker knows no ${task.type}`)
    await deliverBatch(task)
  } catch (e) {
    const lost = e instanceof Refused && e.message === 'lease_lost'
    console.log(`${task.jobId}: ${lost ? '' : 'failed: '}${e.message}`)
    if (lost) return // it was too slow, and somebody else has the job
    const failure = { type: e.name, message: e.message } // tried again, as the retry policy says
    await report(task, 'fail', { failure }).catch(() => {})
  }
}

console.log(`worker ${worker} polls the task queue ${options.queue}`)
const poll = `task-queues/${encodeURIComponent(options.queue)}/poll`
while (!stopping.signal.aborted) {
  try {
    const answer = await call(poll, { worker, wait: '30s' }, stopping.signal)
    for (const task of answer.tasks) await work(task)
  } catch (e) {
    if (!stopping.signal.aborted) throw e
  }
}
