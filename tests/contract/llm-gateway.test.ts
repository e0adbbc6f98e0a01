import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Provider } from '../integration/gateway/provider/provider.ts'
import { numberedExamples, runStep, until, Workspace } from './step.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const KEY = 'sk-ant-api03-planted-key-of-the-contract-test'

let workspace: Workspace
let provider: Provider
beforeEach(async () => {
  workspace = new Workspace()
  provider = await Provider.start()
})
afterEach(async () => {
  await provider.stop()
  workspace.remove()
})

/** An agent that asks the Messages API, with whatever the environment gives it. */
const AGENT = `
import { createInterface } from 'node:readline'
for await (const line of createInterface({ input: process.stdin })) {
  const { trial, input } = JSON.parse(line)
  const response = await fetch(process.env.ANTHROPIC_BASE_URL + '/v1/messages', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'x-api-key': process.env.ANTHROPIC_API_KEY },
    body: JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 100, messages: [{ role: 'user', content: input }] }),
  })
  const body = await response.json()
  console.log(JSON.stringify({ trial, output: body.content ? 'answer ' + input.split(' ')[1] : JSON.stringify(body) }))
}
`

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const everyFileIn = (directory: string): string =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n')

describe('eval-gate through the gateway', () => {
  const inputs = {
    agent: 'command:node agent.mjs',
    dataset: 'golden.jsonl',
    gates: 'accuracy >= 0.5',
    cassettes: 'cassettes',
    repeats: '3',
    seed: '1',
  }
  beforeEach(() => {
    workspace.write('agent.mjs', AGENT)
    workspace.write('golden.jsonl', numberedExamples(20))
  })
  const env = () => ({ ANTHROPIC_BASE_URL: provider.url, ANTHROPIC_API_KEY: KEY })

  test('records with usage and cost for each trial, and replays without a provider or a key: the same results', async () => {
    const recorded = await runStep(
      'eval-gate',
      workspace,
      { ...inputs, responses: 'record', 'output-dir': 'first', stop: 'never' },
      env(),
    )
    expect(recorded.log).not.toContain('defect')
    expect(recorded.outputs).toMatchObject({ verdict: 'passed', accuracy: '1', total: '20' })
    expect(Number(recorded.outputs['cost-usd'])).toBeGreaterThan(0)
    expect(provider.received).toHaveLength(60)
    await provider.stop()

    const replays = [
      await runStep('eval-gate', workspace, { ...inputs, responses: 'replay', 'output-dir': 'a' }),
      await runStep('eval-gate', workspace, { ...inputs, responses: 'replay', 'output-dir': 'b' }),
    ]
    for (const step of replays) expect(step.outputs).toMatchObject({ verdict: 'passed', accuracy: '1', 'cost-usd': '' })
    const timeless = (directory: string) => ({
      ...workspace.json(`${directory}/results.json`),
      started_at: '',
      finished_at: '',
    })
    expect(JSON.stringify(timeless('a'))).toBe(JSON.stringify(timeless('b')))
    expect(workspace.json('a/results.json')).toMatchObject({
      counts: { measured: 60, replayed: 60 },
      latency_p95: null,
      recorded: { cost_usd: expect.any(Number) },
    })
  })

  test('the key reaches the provider and nothing else: no cassette, log, report or child', async () => {
    workspace.write(
      'agent.mjs',
      AGENT.replace('console.log(', 'console.error(JSON.stringify(process.env)); console.log('),
    )
    const step = await runStep('eval-gate', workspace, { ...inputs, responses: 'record' }, env())
    expect(provider.received.length).toBeGreaterThan(0)
    expect(step.log.replaceAll(`::add-mask::${KEY}`, '')).not.toContain(KEY)
    expect(everyFileIn(join(workspace.directory, 'cassettes'))).not.toContain(KEY)
    expect(everyFileIn(join(workspace.directory, 'agent-ci-results'))).not.toContain(KEY)
  })

  test('a request that was never recorded is no wrong answer: the run is errored and says what differs', async () => {
    await runStep('eval-gate', workspace, { ...inputs, responses: 'record' }, env())
    workspace.write('golden.jsonl', numberedExamples(20).replaceAll('question', 'riddle'))
    const step = await runStep('eval-gate', workspace, { ...inputs, responses: 'replay' })
    expect(step.outputs).toMatchObject({ verdict: 'errored', accuracy: '' })
    expect(step.log).toMatch(/messages/)
  })

  test('a budget ends the run with a verdict from what it bought, and says so', async () => {
    const step = await runStep(
      'eval-gate',
      workspace,
      { ...inputs, responses: 'live', 'budget-usd': '0.004', stop: 'never', cassettes: '' },
      env(),
    )
    const results = workspace.json<{ reason: string; counts: { measured: number } }>('agent-ci-results/results.json')
    expect(results.reason).toMatch(/budget was used up after \d+ of 60 trials/)
    expect(results.counts.measured).toBeGreaterThan(0)
    expect(results.counts.measured).toBeLessThan(60)
    expect(['passed', 'inconclusive']).toContain(step.outputs.verdict)
  })

  test('a budget for a model without a price is refused', async () => {
    workspace.write('agent.mjs', AGENT.replace('claude-haiku-4-5', 'nobody-knows-1'))
    const step = await runStep('eval-gate', workspace, { ...inputs, 'budget-usd': '1' }, env())
    expect(step.outputs.verdict).toBe('errored')
    expect(step.log).toMatch(/no price for the model.*nobody-knows-1/)
  })

  test('what works on model calls is refused for a service that we do not start', async () => {
    const step = await runStep('eval-gate', workspace, { ...inputs, agent: 'http://127.0.0.1:9/', responses: 'replay' })
    expect(step.annotations[0]!.message).toMatch(/type http.*llm-gateway/)
  })
})

describe('the action', () => {
  test('serves the following steps, and its post step ends it and sums up', async () => {
    const started = await runStep(
      'llm-gateway',
      workspace,
      { mode: 'record', cassettes: 'cassettes' },
      { ANTHROPIC_BASE_URL: provider.url, ANTHROPIC_API_KEY: KEY, GITHUB_ENV: workspace.write('.runner/env', '') },
    )
    expect(started.status).toBe(0)
    const { 'anthropic-base-url': url, pid } = started.outputs
    const exported = workspace.read('.runner/env')
    expect(exported).toContain(url!)
    expect(exported).not.toContain(KEY)
    const response = await fetch(`${url}/v1/messages`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'anthropic-version': '2023-06-01',
        'x-api-key': 'held-by-agent-ci-gateway',
      },
      body: JSON.stringify({
        model: 'claude-haiku-4-5',
        max_tokens: 10,
        messages: [{ role: 'user', content: 'hello' }],
      }),
    })
    expect(response.status).toBe(200)
    expect(JSON.stringify(provider.received.at(-1)!.headers)).toContain(KEY)

    const state = /gateway<<(\S+)\n([\s\S]*?)\n\1/.exec(workspace.read('.runner/state'))![2]!
    const ended = await runStep('llm-gateway', workspace, {}, { STATE_gateway: state })
    expect(ended.status).toBe(0)
    expect(ended.summary).toMatch(/1 model calls?.*1 live/)
    await until(() => !isRunning(Number(pid)))
    expect(everyFileIn(join(workspace.directory, 'cassettes'))).not.toContain(KEY)
  })

  test('a post step whose gateway is gone warns and does not fail', async () => {
    const ended = await runStep(
      'llm-gateway',
      workspace,
      {},
      { STATE_gateway: JSON.stringify({ pid: 2 ** 22 - 1, summaryPath: workspace.write('summary.json', 'null{') }) },
    )
    expect(ended.status).toBe(0)
    expect(ended.log).toContain('::warning')
  }, 40_000)

  test.each([
    ['mode', 'reply', /mode is "reply".*live, record, replay, auto/],
    ['port', '70000', /port is "70000"/],
    ['budget-usd', 'much', /budget-usd is "much"/],
    ['redact', '(', /redact/],
    ['upstream-anthropic', 'ftp://x', /upstream-anthropic/],
  ])('%s %s is refused', async (name, value, message) => {
    const step = await runStep('llm-gateway', workspace, { [name]: value })
    expect(step.annotations.map((annotation) => annotation.message).join('\n')).toMatch(message)
    expect(step.status).toBe(1)
  })
})

describe('the command line', () => {
  const agentCi = (args: readonly string[], env: Record<string, string> = {}) =>
    new Promise<{ status: number | null; output: string }>((done) => {
      const child = spawn(process.execPath, [join(ROOT, 'dist/cli/index.js'), ...args], {
        cwd: workspace.directory,
        env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
      })
      let output = ''
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => (output += text))
      child.on('close', (status) => done({ status, output }))
    })

  test('gateway -- program: its calls are recorded, its exit status is ours, and the cassettes can be looked after', async () => {
    workspace.write(
      'ask.mjs',
      `const r = await fetch(process.env.ANTHROPIC_BASE_URL + '/v1/messages', { method: 'POST', headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'x-api-key': 'x' }, body: JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }] }) }); process.exit(r.status === 200 ? 0 : 3)`,
    )
    const recorded = await agentCi(['gateway', '--mode', 'record', '--', 'node', 'ask.mjs'], {
      ANTHROPIC_BASE_URL: provider.url,
      ANTHROPIC_API_KEY: KEY,
    })
    expect(recorded).toMatchObject({ status: 0, output: expect.stringMatching(/record: 1 model calls?/) })
    await provider.stop()
    expect(await agentCi(['gateway', '--mode', 'replay', '--', 'node', 'ask.mjs'])).toMatchObject({
      status: 0,
      output: expect.stringMatching(/1 replayed/),
    })
    workspace.write('ask.mjs', workspace.read('ask.mjs').replace('hi', 'bye'))
    expect(await agentCi(['gateway', '--mode', 'replay', '--', 'node', 'ask.mjs'])).toMatchObject({ status: 1 })
    expect(await agentCi(['cassettes', 'stats'])).toMatchObject({
      status: 0,
      output: expect.stringMatching(/1 recordings? of 0 examples/),
    })
    expect(await agentCi(['cassettes', 'pack'])).toMatchObject({
      status: 0,
      output: expect.stringMatching(/1 recordings? in 1 files?/),
    })
    expect(await agentCi(['cassettes', 'verify'])).toMatchObject({ status: 0 })
    expect(await agentCi(['cassettes', 'prune', '--older-than-days', '1'])).toMatchObject({
      status: 0,
      output: expect.stringMatching(/0 dropped, 1 kept/),
    })
    expect(await agentCi(['cassettes', 'polish'])).toMatchObject({
      status: 1,
      output: expect.stringMatching(/no "polish".*stats, verify, pack, prune/),
    })
  })
})
