// The watch of canary-deploy over a simulated hour: its loop on a clock of its own, its questions over HTTP to a Prometheus with two arms.
import { fork } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PlayedPrometheus } from '../integration/delivery/played-prometheus.ts'
import { drawFault } from './faults.mjs'
import { most, watch } from './process-watch.mjs'
import { atMost, exactly, heldRow, memoryRows, row } from './rows.mjs'

const INTERVAL_S = 2
const FAULT_SHARE = 0.02
/** A second of each arm. */
const CANARY = { requests: 100, errors: 1, seconds: [0.05, 0.3, 0.3, 0.9] }
const STABLE = { requests: 400, errors: 4, seconds: [0.05, 0.3, 0.3, 0.9] }
/** Streams, the event loop's own, the channel to the parent, and a connection for each question that is asked at once. */
const MOST_DESCRIPTORS = 50
/** The heap of so short a run is known to about 0.4 MiB; what a follower of a signal for each question leaves is 3.7 KB a look. */
const MOST_HEAP_A_LOOK = 1_024
/** The state is kept in the cluster after each look, where an object holds 1 MiB. */
const MOST_STATE_KIB = 64

export const defaults = { minutes: 60, seed: 'soak' }
export const page = {
  title: 'Soak: a canary watched for an hour',
  lead: 'The loop of canary-deploy looks every two seconds of a simulated hour, with its client over real connections; at 2 % of the looks Prometheus is down. What happened meanwhile is counted at the next look, to the last request, and nothing is left behind.',
}

export async function run({ minutes, seed }, directory) {
  const seconds = minutes * 60
  const prometheus = new PlayedPrometheus()
  const url = await prometheus.start()
  prometheus.arms.stable = STABLE
  prometheus.pass(60)
  prometheus.arms.canary = CANARY
  const probe = join(directory, 'heap')
  const child = fork(
    join(import.meta.dirname, 'canary-watcher.mjs'),
    [url, seconds, INTERVAL_S, prometheus.date.getTime()].map(String),
    {
      execArgv: [`--import=${pathToFileURL(join(import.meta.dirname, 'heap-probe.mjs'))}`],
      env: { PATH: process.env.PATH, NODE_SOAK_PROBE: probe, NODE_SOAK_PROBE_SECONDS: '0.5' },
    },
  )
  const watching = watch('canary', child.pid, { everySeconds: 5, probe })
  const checks = seconds / INTERVAL_S
  let [passes, down] = [0, 0]
  const looks = []
  let last
  child.on('message', (message) => {
    if (message.look) looks.push(message)
    if (message.end) last = message
    if (message.pass === undefined) return
    prometheus.pass(message.pass)
    passes++
    // Not at the last look, which has to count what the one before could not.
    prometheus.down = passes < checks && drawFault({ seed, share: FAULT_SHARE }, 'down', passes).fault !== undefined
    if (prometheus.down) down++
    child.send('passed')
  })
  const status = await new Promise((done, fail) => child.once('error', fail).once('exit', done))
  const endedAlone = status === 0 && last !== undefined
  const watched = watching.stop()
  await prometheus.stop()
  if (!endedAlone) throw new Error(`the watcher ended with ${status}`)
  const { canary, stable } = looks.at(-1)
  return [
    exactly('looks', looks.length, checks),
    row('looks at which Prometheus was down', String(down), '> 0', down > 0),
    row('how the watch ended', last.end.end, 'advance', last.end.end === 'advance'),
    exactly("the canary's requests", canary.requests, CANARY.requests * seconds),
    exactly("the canary's errors", canary.errors, CANARY.errors * seconds),
    exactly("stable's requests", stable.requests, STABLE.requests * seconds),
    exactly("stable's errors", stable.errors, STABLE.errors * seconds),
    atMost('the state that is kept in the cluster', Math.ceil(last.stateBytes / 1_024), MOST_STATE_KIB, ' KiB'),
    ...memoryRows(watched, { units: checks / 2, unit: 'a look', bytes: MOST_HEAP_A_LOOK }),
    atMost(
      'open descriptors at the most',
      most(watched.samples, ({ fds }) => fds),
      MOST_DESCRIPTORS,
    ),
    heldRow(watched),
  ]
}
