// llm-gateway's bundle as a job runs it, used by eight processes at once: it records, then replays and asks within a budget, then only replays.
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { PATIENCE_MS } from './patience.mjs'
import { watch } from './process-watch.mjs'
import { startRole } from './role.mjs'
import { atMost, descriptorsRow, exactly, heldRow, memoryRows, row } from './rows.mjs'

const ACTION = resolve(import.meta.dirname, '../../dist/llm-gateway/index.js')
const CLIENTS = 8
const FAULT_SHARE = 0.02
/** The share of the time that each phase gets. */
const PHASES = { record: 0.4, auto: 0.4, replay: 0.2 }
/** What a call of the stub costs, so that the budget is used up halfway through its phase; see stub-provider.mjs. */
const USUAL_USD = 0.0002155
/** Of what a gateway has to remember: where each recording lies, and which of them it used. */
const RESIDENT_BYTES_A_CALL = { record: 3_072, auto: 0, replay: 0 }
const HEAP_BYTES_A_CALL = { record: 1_024, auto: 600, replay: 600 }
const OWN_DESCRIPTORS = 200
/** At the end of a budget, calls wait for those under way, and for a stalled one as long as its client does. */
const waitingFor = { record: 0, auto: PATIENCE_MS / 1_000, replay: 0 }

export const defaults = { minutes: 20, rate: 100, seed: 'soak' }

export const page = {
  title: 'Soak: llm-gateway used by eight processes for 20 minutes',
  lead: 'Eight processes ask 100 times a second, half of it streamed, while 2 % of what the provider does is a fault: first all is recorded, then half is replayed and the rest asked for until a budget is used up, then all is replayed. Every request is accounted for on both sides, the money to the cent, and nothing is kept that nobody will ask for.',
}

export async function run({ minutes, rate, seed }, directory) {
  const rows = []
  const recordings = { made: 0 }
  for (const [phase, share] of Object.entries(PHASES)) {
    const seconds = minutes * 60 * share
    const place = join(directory, phase)
    mkdirSync(place)
    const budgetUsd = phase === 'auto' ? ((rate / 2) * (seconds / 2) * USUAL_USD).toFixed(4) : undefined
    const seen = await during({ phase, place, cassettes: join(directory, 'cassettes'), seconds, rate, seed, budgetUsd })
    for (const found of judge(seen, { phase, budgetUsd, recordings, rate }))
      rows.push({ ...found, what: `${phase}: ${found.what}` })
  }
  return rows
}

/** One phase, with a gateway and a provider of its own. */
async function during({ phase, place, cassettes, seconds, rate, seed, budgetUsd }) {
  const provider = await startRole('stub-provider.mjs', [`${seed}/${phase}`, FAULT_SHARE])
  const gateway = await startGateway(place, seconds / 40, {
    mode: phase,
    cassettes,
    'upstream-anthropic': `http://127.0.0.1:${provider.line}`,
    ...(budgetUsd !== undefined && { 'budget-usd': budgetUsd }),
  })
  const watching = watch(`llm-gateway ${phase}`, gateway.pid, { everySeconds: 15, probe: gateway.probe })
  const perClient = Math.round((rate * seconds) / CLIENTS)
  // The recorded questions that the phase before left.
  const firstRecorded = Math.ceil(perClient * (PHASES.auto / PHASES.replay / 2))
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, (_, i) =>
      startRole('gateway-client.mjs', [gateway.url, `client ${i}`, phase, perClient, rate / CLIENTS, firstRecorded]),
    ),
  )
  await Promise.all(clients.map(({ ended }) => ended))
  const summary = await gateway.stop()
  return {
    clients: clients.map((client) => JSON.parse(client.output())),
    provider: JSON.parse(await provider.stop()),
    summary,
    watched: watching.stop(),
  }
}

/** Runs the step that starts a gateway; its post step ends it. */
async function startGateway(place, probeSeconds, inputs) {
  const [output, state] = ['output', 'state'].map((name) => join(place, name))
  writeFileSync(output, '')
  writeFileSync(state, '')
  const probe = join(place, 'heap')
  const env = {
    PATH: process.env.PATH,
    RUNNER_TEMP: place,
    GITHUB_OUTPUT: output,
    GITHUB_STATE: state,
    ANTHROPIC_API_KEY: 'sk-of-the-soak',
    NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, 'heap-probe.mjs'))}`,
    NODE_SOAK_PROBE: probe,
    NODE_SOAK_PROBE_SECONDS: String(probeSeconds),
  }
  const step = async (more) => {
    const child = spawn(process.execPath, [ACTION], { env: { ...env, ...more }, stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said += text
    })
    const status = await new Promise((done, fail) => child.once('error', fail).once('close', done))
    if (status !== 0) throw new Error(said)
    return said
  }
  await step(Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])))
  const valueIn = (path, name) =>
    new RegExp(`^${name}<<(\\S+)\\n([\\s\\S]*?)\\n\\1$`, 'm').exec(readFileSync(path, 'utf8'))[2]
  const started = JSON.parse(valueIn(state, 'gateway'))
  return {
    pid: started.pid,
    url: valueIn(output, 'anthropic-base-url'),
    probe,
    async stop() {
      await step({ STATE_gateway: JSON.stringify(started) })
      for (let tries = 0; isRunning(started.pid) && tries < 100; tries++) await wait(100)
      return {
        ...JSON.parse(readFileSync(started.summaryPath, 'utf8')),
        bytes: readFileSync(started.summaryPath).length,
        ended: !isRunning(started.pid),
      }
    },
  }
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const sum = (values) => values.reduce((total, value) => total + value, 0)

function judge({ clients, provider, summary, watched }, { phase, budgetUsd, recordings, rate }) {
  const all = (name) => sum(clients.map((client) => client[name]))
  const refused = (kind) => sum(clients.map((client) => client.refused[kind] ?? 0))
  const refusals = sum(clients.flatMap((client) => Object.values(client.refused)))
  const { observed, spending } = summary
  const saysRefused = sum(observed.refusals.map(({ count }) => count))
  recordings.made += all('live')
  const expectedUsd = provider.answeredUsd + (budgetUsd === undefined ? 0 : provider.lostUsd)
  const cents = (amount) => `$${amount.toFixed(6)}`
  return [
    exactly(
      'requests of the clients: live, replayed, refused, broken, failed and given up',
      all('live') + all('replayed') + refusals + all('broken') + all('failed') + all('gaveUp'),
      all('sent'),
    ),
    exactly("live answers in the summary: the clients'", observed.live, all('live')),
    exactly("live answers: the provider's", observed.live, provider.answered),
    exactly("replayed answers: the clients'", observed.hits, all('replayed')),
    exactly("refusals: the clients'", saysRefused, refusals),
    exactly("answers that broke off or failed: the clients'", observed.failures, all('broken') + all('failed')),
    exactly("streams that the provider cut: the clients' broken ones", all('broken'), provider['cut stream']),
    exactly("the provider's stalls: given up by the clients", all('gaveUp'), provider.stall),
    exactly(
      "retries: the provider's resets, 503s and cut bodies",
      observed.retries,
      provider.reset + provider.unavailable + provider['cut body'],
    ),
    exactly('recordings: all live answers so far', summary.recordings.after, recordings.made),
    row(
      `spent${budgetUsd === undefined ? '' : ` of $${budgetUsd}`}: answers at their price, lost ones at what was set aside`,
      cents(spending.usd),
      `= ${cents(expectedUsd)}`,
      cents(spending.usd) === cents(expectedUsd) &&
        (budgetUsd === undefined || spending.usd <= Number(budgetUsd) + 1e-9),
    ),
    ...(phase === 'auto'
      ? [row('refused because the budget was used up', String(refused('budget')), '> 0', refused('budget') > 0)]
      : []),
    ...(phase === 'replay'
      ? [row('refused because nothing was recorded', String(refused('miss')), '> 0', refused('miss') > 0)]
      : []),
    ...memoryRows(watched, {
      units: all('sent') / 2,
      unit: 'a call',
      bytes: HEAP_BYTES_A_CALL[phase],
      resident: RESIDENT_BYTES_A_CALL[phase],
    }),
    descriptorsRow(watched, OWN_DESCRIPTORS + waitingFor[phase] * rate),
    atMost('size of the summary', Math.ceil(summary.bytes / 1_024), 64, ' KiB'),
    row('the process ended when its step did', summary.ended ? 'yes' : 'no', 'yes', summary.ended),
    heldRow(watched),
    exactly("the provider's open connections afterwards", provider.open, 0),
  ]
}
