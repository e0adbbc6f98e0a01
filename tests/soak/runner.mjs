// eval-gate's bundle against a faulty agent, as a step of a job runs it.
import { spawn } from 'node:child_process'
import { createReadStream, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { FAULTS } from './faults.mjs'
import { most, watch } from './process-watch.mjs'
import { startRole } from './role.mjs'
import { atMost, exactly, heldRow, memoryRows, row } from './rows.mjs'

const ACTION = resolve(import.meta.dirname, '../../dist/eval-gate/index.js')
const REPEATS = 5
const IN_FLIGHT = 200
const FAULT_SHARE = 0.02
const WRONG_SHARE = 0.1
const AGENT_MS = 50
/** Longer than a busy machine keeps an answer waiting, so that only a stall ends in it. */
const TIMEOUT_S = 10
/** A trial's numbers are in columns of about 70 bytes, which double their room as they grow. */
const HEAP_BYTES_A_TRIAL = 200
/** Beside a connection for each trial in flight: standard streams, the event loop's own, the journal, connections that are being closed. */
const OWN_DESCRIPTORS = 40

export const defaults = { examples: 20_000, seed: 'soak' }

export const page = {
  title: 'Soak: 100,000 trials with 2 % faults',
  lead: 'eval-gate measures 20,000 examples five times, 200 trials in flight, against an agent that resets connections, answers 503, cuts answers off and stalls. What the agent logged and what the results say agree to the last trial.',
}

export async function run({ examples, seed }, directory) {
  const dataset = join(directory, 'golden.jsonl')
  const line = (_, i) => JSON.stringify({ id: `e${i}`, input: `question ${i}`, expected: `answer e${i}` })
  writeFileSync(dataset, `${Array.from({ length: examples }, line).join('\n')}\n`)
  const log = join(directory, 'served.log')
  const agent = await startRole('faulty-agent.mjs', [log, seed, FAULT_SHARE, WRONG_SHARE, AGENT_MS])
  const out = join(directory, 'out')
  const { status, output, endedAt, seen } = await evaluate(`http://127.0.0.1:${agent.line}/`, dataset, out)
  const { open } = JSON.parse(await agent.stop())
  if (status !== 0) throw new Error(`eval-gate ended with ${status}:\n${output.slice(-2_000)}`)

  const planned = examples * REPEATS
  const served = await readServed(log)
  const trials = await readTrials(join(out, 'trials.jsonl'))
  const results = JSON.parse(readFileSync(join(out, 'results.json'), 'utf8'))
  const lingeredMs = Math.round(endedAt - statSync(join(out, 'results.json')).mtimeMs)
  return [
    ...countRows({ served, trials, results, planned }),
    ...memoryRows(seen, { units: planned / 2, unit: 'a trial', bytes: HEAP_BYTES_A_TRIAL }),
    atMost(
      'open descriptors at the most',
      most(seen.samples, ({ fds }) => fds),
      IN_FLIGHT + OWN_DESCRIPTORS,
    ),
    atMost('from the results to the end of the process, which nobody ended', lingeredMs, 5_000, ' ms'),
    heldRow(seen),
    exactly("the agent's open connections afterwards", open, 0),
  ]
}

async function evaluate(agent, dataset, out) {
  const probe = `${out}.heap`
  const child = spawn(process.execPath, ['--import', join(import.meta.dirname, 'heap-probe.mjs'), ACTION], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      NODE_SOAK_PROBE: probe,
      NODE_SOAK_PROBE_SECONDS: '1',
      INPUT_AGENT: agent,
      INPUT_DATASET: dataset,
      INPUT_REPEATS: String(REPEATS),
      INPUT_CONCURRENCY: String(IN_FLIGHT),
      INPUT_TIMEOUT: `${TIMEOUT_S}s`,
      INPUT_STOP: 'never',
      INPUT_RESUME: 'never',
      INPUT_GATES: 'accuracy >= 0.5',
      'INPUT_OUTPUT-DIR': out,
      RUNNER_TEMP: resolve(out, '..'),
    },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      output += text
    })
  const watching = watch('eval-gate', child.pid, { everySeconds: 5, probe })
  const status = await new Promise((done, fail) => child.once('error', fail).once('close', done))
  return { status, output, endedAt: Date.now(), seen: watching.stop() }
}

/** What the agent did with its requests, by kind: of each example and of all. */
async function readServed(path) {
  const byExample = new Map()
  const all = { requests: 0, sentAgain: 0 }
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const [id, done, connection] = line.split(' ')
    const one = byExample.get(id) ?? { requests: 0, sentAgain: 0 }
    byExample.set(id, one)
    // A reset before the first byte of an answer looks as if an idle connection had been closed: the request is sent once more on a new
    // one, which is no attempt (RFC 9112 9.3.1).
    const again = done === 'reset' && connection === 'reused' ? 1 : 0
    for (const counts of [one, all]) {
      counts.requests++
      counts.sentAgain += again
      counts[done] = (counts[done] ?? 0) + 1
    }
  }
  return { byExample, all }
}

/** What eval-gate journaled of each example. */
async function readTrials(path) {
  const byExample = new Map()
  const distinct = new Set()
  let lines = 0
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const { example_id: id, repeat, outcome, attempts, failure } = JSON.parse(line)
    lines++
    distinct.add(`${id}#${repeat}`)
    const one = byExample.get(id) ?? { passed: 0, failed: 0, timeout: 0, other: 0, attempts: 0, trials: 0 }
    byExample.set(id, one)
    one.trials++
    one.attempts += attempts
    one[outcome !== 'errored' ? outcome : failure?.kind === 'timeout' ? 'timeout' : 'other']++
  }
  return { byExample, lines, distinct: distinct.size }
}

function countRows({ served, trials, results, planned }) {
  const same = ([id, { requests, sentAgain, right = 0, wrong = 0, stall = 0 }]) => {
    const one = trials.byExample.get(id)
    return (
      one?.trials === REPEATS &&
      one.passed === right &&
      one.failed === wrong &&
      one.timeout === stall &&
      one.other === 0 &&
      one.attempts === requests - sentAgain
    )
  }
  const { requests, sentAgain, right, wrong, stall = 0 } = served.all
  const faults = FAULTS.map((fault) => [fault, served.all[fault] ?? 0])
  const share = faults.reduce((sum, [, n]) => sum + n, 0) / requests
  const attempts = [...trials.byExample.values()].reduce((sum, one) => sum + one.attempts, 0)
  return [
    row(
      `faults among the ${requests.toLocaleString('en')} requests that the agent saw`,
      `${(100 * share).toFixed(2)} %: ${faults.map(([fault, n]) => `${n} ${fault}`).join(', ')}`,
      '',
      share > 0,
    ),
    exactly('lines of the journal', trials.lines, planned),
    exactly('trials in it, each once', trials.distinct, planned),
    exactly('`counts.planned`', results.counts.planned, planned),
    exactly("`counts.measured`: the agent's answers", results.counts.measured, right + wrong),
    exactly("`counts.errored`: the agent's stalls", results.counts.errored, stall),
    exactly('`errors.timeout`: the same', results.errors.timeout ?? 0, stall),
    exactly(
      'attempts: the requests but those that were sent again on a new connection',
      attempts,
      requests - sentAgain,
    ),
    row(
      "`accuracy`: the agent's right answers among its answers",
      String(results.accuracy),
      `= ${right / (right + wrong)}`,
      results.accuracy === right / (right + wrong),
    ),
    exactly(
      'examples of which all of these agree one by one',
      [...served.byExample].filter(same).length,
      planned / REPEATS,
    ),
  ]
}
