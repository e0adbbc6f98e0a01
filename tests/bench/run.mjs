// `npm run bench [-- section ...]`: speed, memory and size of the shipped bundles beside the floor of the same work and beside other tools, into
// docs/benchmarks.md. Without a section: all but rollback, which needs a test cluster.
import { fork, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { PINNED, peerDirectory } from '../promptfoo/peer.ts'
import { table, writeSection } from './page.mjs'
import { measure, pairs } from './process.mjs'

const ROOT = resolve(import.meta.dirname, '../..')
const bundle = (name) => join(ROOT, 'dist', name, 'index.js')
const directory = mkdtempSync(join(tmpdir(), 'agent-ci-bench-'))

function dataset(n) {
  const path = join(directory, `${n}.jsonl`)
  if (!existsSync(path)) {
    const lines = []
    for (let i = 0; i < n; i++)
      lines.push(
        JSON.stringify({
          id: `e${i}`,
          input: `question ${i} ${'about an order that has not come yet, '.repeat(4)}`,
          expected: `answer ${i}`,
          tags: [`t${i % 7}`],
        }),
      )
    writeFileSync(path, `${lines.join('\n')}\n`)
  }
  return path
}

/** Runs work beside a server that prints its address, or its port on this machine. */
async function withServer(script, env, work) {
  const server = spawn(process.execPath, [script], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const line = await new Promise((ready) => server.stdout.once('data', (text) => ready(String(text).trim())))
  try {
    return await work(line.startsWith('http') ? line : `http://127.0.0.1:${line}/`)
  } finally {
    server.kill()
  }
}

const withAgent = (latency, work) =>
  withServer(join(import.meta.dirname, 'agent-server.mjs'), { LATENCY: String(latency) }, work)
const withModel = (work) => withServer(join(ROOT, 'examples/safety/model.mjs'), {}, work)

const evalGate = (url, n, concurrency, more = {}) =>
  measure(process.execPath, [bundle('eval-gate')], {
    cwd: directory,
    env: {
      PATH: process.env.PATH,
      INPUT_AGENT: url,
      INPUT_DATASET: dataset(n),
      INPUT_CONCURRENCY: String(concurrency),
      INPUT_RESUME: 'never',
      'INPUT_OUTPUT-DIR': join(directory, 'out'),
      RUNNER_TEMP: directory,
      ...more,
    },
  }).then((run) => {
    if (run.status !== 0) throw new Error(run.output)
    return run
  })

const promptfoo = join(peerDirectory(process.env), 'node_modules/.bin/promptfoo')
const PEER = `promptfoo ${PINNED}`
const hasPeer = existsSync(promptfoo)
const NO_PEER = [PEER, 'not measured: `npm run test:promptfoo` installs it', '', '']

function peer(url, n, concurrency) {
  const tests = Array.from({ length: n }, (_, i) => ({
    vars: { q: `question ${i}` },
    assert: [{ type: 'equals', value: `answer ${i}` }],
  }))
  const config = join(directory, `promptfoo-${n}.json`)
  writeFileSync(
    config,
    JSON.stringify({
      prompts: ['{{q}}'],
      providers: [
        {
          id: 'http',
          config: {
            url,
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: { prompt: '{{prompt}}' },
            transformResponse: 'json.output',
          },
        },
      ],
      tests,
    }),
  )
  return measure(
    promptfoo,
    [
      'eval',
      '-c',
      config,
      '--no-cache',
      '--no-table',
      '--no-write',
      '--no-progress-bar',
      '-j',
      String(concurrency),
      '-o',
      join(directory, 'promptfoo-out.json'),
    ],
    {
      cwd: directory,
      env: {
        ...process.env,
        PROMPTFOO_DISABLE_TELEMETRY: '1',
        PROMPTFOO_DISABLE_UPDATE: '1',
        PROMPTFOO_CONFIG_DIR: join(directory, 'promptfoo'),
      },
    },
  )
}

const s = (seconds) => `${seconds.toFixed(2)} s`
const node = () => measure(process.execPath, ['-e', '0'])

/** Runs a script that prints its own table and sends its rows. */
function rowsOf(script, ...args) {
  return new Promise((done, fail) => {
    let rows
    const child = fork(join(import.meta.dirname, script), args)
    child.once('message', (sent) => {
      rows = sent
    })
    child.once('error', fail)
    child.once('close', (status) => (rows ? done(rows) : fail(new Error(`${script} ended with ${status}`))))
  })
}

const sections = {
  eval: {
    title: 'An evaluation',
    lead: 'eval-gate as a whole process, from its start to its reports, beside a loop of node:http that makes the same calls and nothing else, and beside promptfoo on the same examples.',
    head: ['what', 'figure', 'beside it', 'goal'],
    async rows() {
      const rows = []
      for (const [latency, goal] of [
        [50, '<= 1.30 s'],
        [0, '<= 0.60 s'],
      ]) {
        await withAgent(latency, async (url) => {
          const loop = join(import.meta.dirname, 'bare-loop.mjs')
          const { ours, floor, ratio } = await pairs(
            5,
            () => evalGate(url, 1000, 50),
            () => measure(process.execPath, [loop, url, '1000', '50']),
          )
          const what = `1,000 examples, an agent that takes ${latency} ms, 50 in flight`
          const figure = `${s(ours.seconds)}, ${ours.memory.toFixed(0)} MiB`
          rows.push([what, figure, `${ratio.toFixed(2)} x a bare loop (${s(floor.seconds)})`, goal])
          if (!hasPeer) return rows.push(NO_PEER)
          const beside = await pairs(
            1,
            () => peer(url, 1000, 50),
            () => evalGate(url, 1000, 50),
          )
          const { seconds, memory } = beside.ours
          rows.push([
            `${PEER}, the same`,
            `${s(seconds)}, ${memory.toFixed(0)} MiB`,
            `${beside.ratio.toFixed(1)} x ours`,
            '',
          ])
        })
      }
      await withAgent(0, async (url) => {
        const { ours, floor, ratio } = await pairs(9, () => evalGate(url, 1, 1), node)
        const beside = `${ratio.toFixed(1)} x \`node -e 0\` (${s(floor.seconds)})`
        rows.push(['one example, cold', s(ours.seconds), beside, '<= 0.25 s'])
        if (!hasPeer) return
        const { ours: theirs, ratio: times } = await pairs(
          3,
          () => peer(url, 1, 1),
          () => evalGate(url, 1, 1),
        )
        rows.push([`${PEER}, the same`, s(theirs.seconds), `${times.toFixed(1)} x ours`, ''])
      })
      return rows
    },
  },
  memory: {
    title: 'Memory',
    lead: 'Trials go to the journal as they end and only their numbers stay, so that ten times the examples are not ten times the memory.',
    head: ['what', 'figure', 'beside it', 'goal'],
    async rows() {
      return withAgent(0, async (url) => {
        const small = await evalGate(url, 10_000, 50)
        const large = await evalGate(url, 100_000, 50)
        const figure = `${large.memory.toFixed(0)} MiB (${s(large.seconds)})`
        return [
          [
            '100,000 examples, peak',
            figure,
            `${(large.memory / small.memory).toFixed(2)} x that of 10,000`,
            '< 150 MB',
          ],
        ]
      })
    },
  },
  safety: {
    title: 'Attacks',
    lead: "200 probes of the built-in suites, planted by the gateway into the model calls of examples/safety's guarded agent and judged, beside the same agent that is asked as many questions without any of it: what is more is ours.",
    head: ['what', 'figure', 'beside it', 'goal'],
    async rows() {
      const { ours, floor, more } = await withModel((url) =>
        pairs(
          3,
          () => attack(url),
          () =>
            measure(process.execPath, [join(import.meta.dirname, 'plain-agents.mjs'), ATTACKED, '200', '5'], {
              env: { PATH: process.env.PATH, ANTHROPIC_BASE_URL: url },
            }),
        ),
      )
      return [
        ['200 probes, own overhead', s(more), `${s(ours.seconds)} in all; plainly asked ${s(floor.seconds)}`, '< 10 s'],
      ]
    },
  },
  start: {
    title: 'Cold starts',
    lead: 'What every step pays before its work: each bundle with input that it refuses at once, beside a Node that does nothing.',
    head: ['bundle', 'figure', 'beside `node -e 0`', 'goal'],
    async rows() {
      const rows = []
      for (const [name, args, input] of STARTS) {
        const start = () =>
          measure(process.execPath, [bundle(name), ...args], {
            cwd: directory,
            env: { PATH: process.env.PATH, RUNNER_TEMP: directory, NO_COLOR: '1', ...input },
          })
        const { ours, floor, ratio, more } = await pairs(9, start, node)
        const what = [name, ...args].join(' ')
        rows.push([
          what,
          `${(ours.seconds * 1_000).toFixed(0)} ms`,
          `${ratio.toFixed(1)} x (${(floor.seconds * 1_000).toFixed(0)} ms), +${(more * 1_000).toFixed(0)} ms`,
          '',
        ])
      }
      return rows
    },
  },
  gateway: {
    title: 'The gateway',
    lead: 'What llm-gateway adds to a model call, beside the same stub of a provider without it, and how fast it opens what was recorded.',
    head: ['what', 'figure', 'beside it'],
    rows: () => rowsOf('gateway.mjs'),
  },
  rollback: {
    title: 'A rollback',
    lead: 'rollback on a real API server with its controllers, beside `kubectl rollout undo` and `rollout status`: image, config and prompts go back, and are read back, in about the time that the image alone takes.',
    head: ['what', 'figure', 'beside kubectl', 'goal'],
    rows: () => rowsOf('rollback.mjs'),
    onRequest: true,
  },
  sizes: {
    title: 'Sizes',
    lead: 'What a runner checks out, and how much of it every run reads; the rest loads where a feature is used.',
    head: ['bundle', 'JavaScript', 'read at start', 'goal'],
    async rows() {
      return readdirSync(join(ROOT, 'dist')).map((name) => {
        const files = readdirSync(join(ROOT, 'dist', name))
          .filter((file) => /\.[cm]?js$/.test(file))
          .map((file) => join(ROOT, 'dist', name, file))
        const mb = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`
        const sum = (of) => files.reduce((total, file) => total + of(file), 0)
        const size = sum((file) => statSync(file).size)
        const zipped = sum((file) => gzipSync(readFileSync(file)).length)
        const first = statSync(bundle(name)).size
        return [
          name,
          `${mb(size)} in ${files.length} files, ${mb(zipped)} gzipped`,
          mb(first),
          name === 'eval-gate' ? '< 3 MB' : '',
        ]
      })
    },
  },
}

/** Bundles, their arguments, and an environment with which they end at once. */
const STARTS = [
  ['eval-gate', [], { INPUT_CONCURRENCY: 'many' }],
  ['prompt-regression', [], { INPUT_THRESHOLD: 'high' }],
  ['nightly-eval', [], { INPUT_CONCURRENCY: 'many' }],
  ['canary-deploy', [], { INPUT_OPERATION: 'fly' }],
  ['rollback', [], { INPUT_MODE: 'fly' }],
  ['pr-comment', [], { INPUT_MODE: 'fly' }],
  ['llm-gateway', [], { INPUT_MODE: 'fly' }],
  ['cli', ['--help'], {}],
  ['cli', ['demo'], {}],
]

const ATTACKED = join(ROOT, 'examples/safety/guarded.mjs')

async function attack(url) {
  const golden = join(directory, 'attacked.jsonl')
  const expected = 'The document and the question are clear to me, and here is my answer.'
  const line = (_, i) => JSON.stringify({ id: `g${i}`, input: `What does the document say of point ${i}?`, expected })
  writeFileSync(golden, Array.from({ length: 20 }, line).join('\n'))
  const run = await measure(process.execPath, [bundle('eval-gate')], {
    cwd: directory,
    env: {
      PATH: process.env.PATH,
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_API_KEY: 'sk-of-the-bench',
      INPUT_AGENT: `command:node ${ATTACKED}`,
      INPUT_DATASET: golden,
      INPUT_ATTACKS: 'builtin:injection, builtin:leak, builtin:tools',
      'INPUT_ATTACK-PAIRS': '200',
      INPUT_GATES: 'attack_success_rate <= 1',
      INPUT_STOP: 'never',
      INPUT_RESUME: 'never',
      'INPUT_OUTPUT-DIR': join(directory, 'attacked'),
      RUNNER_TEMP: directory,
    },
  })
  if (run.status !== 0) throw new Error(run.output)
  return run
}

try {
  const asked = process.argv.slice(2)
  const unknown = asked.filter((name) => !Object.hasOwn(sections, name))
  if (unknown.length > 0)
    throw new Error(`There is no section ${unknown.join(', ')}: expected some of ${Object.keys(sections).join(', ')}`)
  for (const [name, { rows: measureRows, onRequest, ...page }] of Object.entries(sections)) {
    if (asked.length === 0 ? onRequest : !asked.includes(name)) continue
    const rows = await measureRows()
    console.log(`\n${page.title}\n\n${table(page.head, rows)}`)
    writeSection({ name, ...page, command: `npm run bench -- ${name}`, rows })
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}
