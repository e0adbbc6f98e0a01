// `npm run bench`: speed, memory and size of the shipped bundles, beside the floor and, where promptfoo is installed, beside it.
// Figures are medians of whole processes; the machine's speed drifts, so the ratios count. Sections: npm run bench -- eval sizes
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { measure, medianOf } from './process.mjs'

const ROOT = resolve(import.meta.dirname, '../..')
const ACTION = join(ROOT, 'dist/eval-gate/index.js')
const directory = mkdtempSync(join(tmpdir(), 'agent-ci-bench-'))
const rows = []
const row = (what, figure, ratio, goal) => {
  rows.push({ what, figure, ratio, goal })
  console.error(`${what}: ${figure} ${ratio}`)
}

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

async function withAgent(latency, work) {
  const server = spawn(process.execPath, [join(import.meta.dirname, 'agent-server.mjs')], {
    env: { ...process.env, LATENCY: String(latency) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const port = await new Promise((ready) => server.stdout.once('data', (text) => ready(String(text).trim())))
  try {
    return await work(`http://127.0.0.1:${port}/`)
  } finally {
    server.kill()
  }
}

const evalGate = (url, n, concurrency, more = {}) =>
  measure(process.execPath, [ACTION], {
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

const promptfoo =
  process.env.PROMPTFOO ??
  (existsSync(join(ROOT, 'node_modules/.bin/promptfoo')) ? join(ROOT, 'node_modules/.bin/promptfoo') : undefined)
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
const sections = {
  async eval() {
    for (const [latency, goal] of [
      [50, '<= 1.30 s'],
      [0, '<= 0.60 s'],
    ]) {
      await withAgent(latency, async (url) => {
        const floor = await medianOf(5, () =>
          measure(process.execPath, [join(import.meta.dirname, 'bare-loop.mjs'), url, '1000', '50']),
        )
        const ours = await medianOf(5, () => evalGate(url, 1000, 50))
        row(
          `1,000 examples, ${latency} ms, 50 in flight`,
          `${s(ours.seconds)}, ${ours.memory.toFixed(0)} MiB`,
          `${(ours.seconds / floor.seconds).toFixed(2)} x a bare loop (${s(floor.seconds)})`,
          goal,
        )
        if (promptfoo) {
          const theirs = await medianOf(1, () => peer(url, 1000, 50))
          row(
            '  promptfoo beside it',
            `${s(theirs.seconds)}, ${theirs.memory.toFixed(0)} MiB`,
            `${(theirs.seconds / ours.seconds).toFixed(1)} x ours`,
            '',
          )
        }
      })
    }
    await withAgent(0, async (url) => {
      const node = await medianOf(5, () => measure(process.execPath, ['-e', '0']))
      const ours = await medianOf(7, () => evalGate(url, 1, 1))
      row(
        'one example, cold',
        s(ours.seconds),
        `${(ours.seconds / node.seconds).toFixed(1)} x node -e 0 (${s(node.seconds)})`,
        '<= 0.25 s',
      )
      if (promptfoo) {
        const theirs = await medianOf(3, () => peer(url, 1, 1))
        row('  promptfoo beside it', `${s(theirs.seconds)}`, `${(theirs.seconds / ours.seconds).toFixed(1)} x ours`, '')
      }
    })
  },
  async memory() {
    await withAgent(0, async (url) => {
      const small = await evalGate(url, 10_000, 50)
      const large = await evalGate(url, 100_000, 50)
      row(
        '100,000 examples, peak memory',
        `${large.memory.toFixed(0)} MiB (${s(large.seconds)})`,
        `${(large.memory / small.memory).toFixed(2)} x that of 10,000`,
        '< 150 MB',
      )
    })
  },
  /** The gateway's own bench prints its own table. */
  async gateway() {
    const run = await measure(process.execPath, [join(import.meta.dirname, 'gateway.mjs')])
    console.log(run.output)
    if (run.status !== 0) throw new Error('the bench of the gateway failed')
  },
  async sizes() {
    for (const name of readdirSync(join(ROOT, 'dist'))) {
      const files = readdirSync(join(ROOT, 'dist', name))
        .filter((file) => /\.[cm]?js$/.test(file))
        .map((file) => join(ROOT, 'dist', name, file))
      const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0)
      const first = statSync(join(ROOT, 'dist', name, 'index.js')).size
      row(
        `dist/${name}`,
        `${(bytes / 1e6).toFixed(2)} MB in ${files.length} files, ${(files.reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0) / 1e6).toFixed(2)} MB gzipped`,
        `${(first / 1e6).toFixed(2)} MB at start`,
        name === 'eval-gate' ? '< 3 MB' : '',
      )
    }
  },
}

try {
  const chosen = process.argv.slice(2)
  for (const [name, work] of Object.entries(sections)) if (chosen.length === 0 || chosen.includes(name)) await work()
} finally {
  rmSync(directory, { recursive: true, force: true })
}
console.log('\n| what | figure | ratio | goal |\n|---|---|---|---|')
for (const { what, figure, ratio, goal } of rows) console.log(`| ${what} | ${figure} | ${ratio} | ${goal} |`)
