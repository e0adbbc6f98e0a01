// What the gateway adds to a model call, beside the same stub without it, and how fast cassettes open: node tests/bench/gateway.mjs
// (after `npx tsc -b packages/gateway`). Client, gateway and stub are processes of their own; the machine's speed drifts, so the
// ratios count.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Cassettes } from '@agent-ci/gateway/cassette/cassettes'
import { encodeLine } from '@agent-ci/gateway/cassette/lines'
import { startGateway } from '@agent-ci/gateway/server'

const DISTINCT = 200
const prompt = (n) => `Question ${n}: ${'where is the parcel that was to come yesterday? '.repeat(20)}`
const requestBody = (n) =>
  JSON.stringify({ model: 'claude-opus-5-5', max_tokens: 300, messages: [{ role: 'user', content: prompt(n) }] })
const message = JSON.stringify({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-opus-5-5',
  stop_reason: 'end_turn',
  stop_sequence: null,
  content: [{ type: 'text', text: 'It will come tomorrow. '.repeat(30) }],
  usage: { input_tokens: 300, output_tokens: 150 },
})

const deps = {
  now: () => performance.timeOrigin + performance.now(),
  random: Math.random,
  sleep: (ms, signal) => wait(ms, undefined, { signal }),
}

const roles = {
  async stub() {
    const server = createServer((request, response) => {
      request
        .resume()
        .on('end', () =>
          response
            .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(message) })
            .end(message),
        )
    })
    server.listen(0, '127.0.0.1', () => console.log(server.address().port))
  },
  async gateway(mode, directory, upstream) {
    const gateway = await startGateway({ mode, cassettes: directory, upstreams: { anthropic: upstream } }, deps)
    console.log(gateway.port)
    const idle = process.cpuUsage()
    process.once('SIGTERM', () => {
      const { user, system } = process.cpuUsage(idle)
      console.log((user + system) / 1_000)
      void gateway.close(0).then(() => process.exit(0))
    })
  },
  async open(directory) {
    const started = performance.now()
    const cassettes = Cassettes.open(directory, false, deps)
    const ms = performance.now() - started
    // Not resourceUsage().maxRSS: Linux lets it begin with the parent's.
    const peak = Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024
    const { user, system } = process.cpuUsage()
    console.log(JSON.stringify({ size: cassettes.size, ms, cpu: (user + system) / 1_000, peak }))
  },
}

async function start(...args) {
  const child = spawn(process.execPath, [import.meta.filename, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const line = await new Promise((ready) => child.stdout.once('data', (text) => ready(String(text).trim())))
  let rest = ''
  child.stdout.on('data', (text) => {
    rest += text
  })
  /** Ends it; resolves with the milliseconds of CPU time that it used, where it tells. */
  const stop = () =>
    new Promise((gone) => {
      child.once('close', () => gone(Number(rest)))
      child.kill('SIGTERM')
    })
  return { line, stop }
}

/** One connection with one request after the other; a client of its own, because node:http would be the slowest part. */
function client(port, path, next, done) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  let sentAt = 0
  let held = Buffer.alloc(0)
  const send = () => {
    const n = next()
    if (n === undefined) return socket.end()
    const body = requestBody(n)
    sentAt = performance.now()
    socket.write(
      `POST ${path(n)} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nx-api-key: k\r\nanthropic-version: 2023-06-01\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
  }
  socket.on('connect', send)
  socket.on('data', (chunk) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    const head = held.indexOf('\r\n\r\n')
    if (head < 0) return
    const text = held.toString('latin1', 0, head)
    const length = Number(/content-length: (\d+)/i.exec(text)[1])
    if (held.length < head + 4 + length) return
    if (!text.startsWith('HTTP/1.1 200')) throw new Error(held.toString())
    held = held.subarray(head + 4 + length)
    done(performance.now() - sentAt)
    send()
  })
  return new Promise((closed) => socket.on('close', closed))
}

async function load(port, path, calls, inFlight) {
  const times = []
  let sent = 0
  const started = performance.now()
  await Promise.all(
    Array.from({ length: inFlight }, () =>
      client(
        port,
        path,
        () => (sent < calls ? sent++ : undefined),
        (ms) => times.push(ms),
      ),
    ),
  )
  const seconds = (performance.now() - started) / 1_000
  times.sort((a, b) => a - b)
  const at = (p) => times[Math.ceil(p * times.length) - 1]
  return { perSecond: calls / seconds, p50: at(0.5), p99: at(0.99) }
}

async function main() {
  const directory = mkdtempSync(join(tmpdir(), 'agent-ci-gateway-bench-'))
  const rows = []
  const row = (what, figure, ratio) => {
    rows.push([what, figure, ratio])
    console.log(`${what.padEnd(46)} ${figure.padEnd(44)} ${ratio}`)
  }
  const show = ({ perSecond, p50, p99 }) =>
    `${perSecond.toFixed(0)}/s, p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`
  try {
    const stub = await start('stub')
    const bare = () => '/v1/messages'
    // Each call is a scope of its own, so that each is the first of its kind and finds the recording.
    const scoped = (n) => `/t/e${n % DISTINCT}@${Math.floor(n / DISTINCT)}/anthropic/v1/messages`
    const once = (n) => `/t/e${n % DISTINCT}/anthropic/v1/messages`
    await load(Number(stub.line), bare, 2_000, 10)
    const alone = await load(Number(stub.line), bare, 2_000, 1)
    const crowd = await load(Number(stub.line), bare, 15_000, 50)
    row('stub, one at a time', show(alone), '')
    row('stub, 50 in flight', show(crowd), '')
    const upstream = `http://127.0.0.1:${stub.line}`
    for (const mode of ['live', 'record']) {
      const gateway = await start('gateway', mode, directory, upstream)
      await load(Number(gateway.line), once, 1_000, 10)
      const one = await load(Number(gateway.line), scoped, 2_000, 1)
      row(
        `${mode}, one at a time`,
        show(one),
        `+${(one.p50 - alone.p50).toFixed(2)} ms p50, +${(one.p99 - alone.p99).toFixed(2)} ms p99, ${(one.p50 / alone.p50).toFixed(1)}x`,
      )
      const many = await load(Number(gateway.line), scoped, 10_000, 50)
      row(
        `${mode}, 50 in flight`,
        show(many),
        `${(many.perSecond / crowd.perSecond).toFixed(2)}x of the stub's calls/s`,
      )
      const cpu = await gateway.stop()
      row(`${mode}, CPU time of the gateway`, `${(cpu / 13_000).toFixed(3)} ms a call`, '')
    }
    await stub.stop()
    const gateway = await start('gateway', 'replay', directory, 'http://127.0.0.1:9')
    const one = await load(Number(gateway.line), scoped, 2_000, 1)
    row('replay, one at a time', show(one), `${(one.p50 / alone.p50).toFixed(1)}x of the stub's p50`)
    await gateway.stop()
    const again = await start('gateway', 'replay', directory, 'http://127.0.0.1:9')
    const many = await load(Number(again.line), scoped, 10_000, 50)
    row(
      'replay, 50 in flight (goal: 3,000/s)',
      show(many),
      `${(many.perSecond / crowd.perSecond).toFixed(2)}x of the stub's calls/s`,
    )
    const cpu = await again.stop()
    row(
      'replay, CPU time of the gateway',
      `${(cpu / 10_000).toFixed(3)} ms a call`,
      `${(10_000_000 / cpu).toFixed(0)} calls per CPU second`,
    )
    await opening(row)
    process.send?.(rows)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function opening(row) {
  for (const files of [1, 256]) {
    const directory = mkdtempSync(join(tmpdir(), 'agent-ci-gateway-bench-'))
    try {
      const lines = Array.from({ length: files }, () => [])
      for (let i = 0; i < 100_000; i++) {
        const recording = {
          key: i.toString(16).padStart(64, 'a'),
          example: `example-${i % 20_000}`,
          repeat: i % 5,
          ordinal: 0,
          at: '2026-11-23T00:00:00.000Z',
          request: {
            protocol: 'anthropic',
            endpoint: 'messages',
            method: 'POST',
            path: '/v1/messages',
            headers: { 'anthropic-version': '2023-06-01' },
            body: JSON.parse(requestBody(i)),
          },
          response: {
            status: 200,
            headers: { 'content-type': 'application/json' },
            latency_ms: 812.5,
            cost_usd: 0.004,
            body: JSON.parse(message),
          },
        }
        lines[i % files].push(encodeLine(recording))
      }
      let bytes = 0
      for (const [i, group] of lines.entries()) {
        const file = Buffer.concat(group)
        bytes += file.length
        writeFileSync(join(directory, `examples-${i}.jsonl`), file)
      }
      const { line } = await start('open', directory)
      const { size, ms, cpu, peak } = JSON.parse(line)
      const mb = (n) => `${(n / 1024 / 1024).toFixed(0)} MB`
      row(
        `open ${size} recordings, ${mb(bytes)} in ${files} files`,
        `${ms.toFixed(0)} ms (goal < 1,000), at most ${mb(peak)} (goal < 150)`,
        `${cpu.toFixed(0)} ms of CPU with Node's start`,
      )
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  }
}

const [role, ...args] = process.argv.slice(2)
await (role ? roles[role](...args) : main())
