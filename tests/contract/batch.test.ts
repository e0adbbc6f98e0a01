import { resultsSchema } from '@agent-ci/core/results'
import { trialRecordSchema } from '@agent-ci/core/trial-record'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Provider } from '../integration/gateway/provider/provider.ts'
import { runStep, startStep, until, Workspace } from './step.ts'

let workspace: Workspace
let provider: Provider
beforeEach(async () => {
  workspace = new Workspace()
  provider = await Provider.start()
  provider.reply = 'single answer'
  workspace.write('golden.jsonl', examples(20))
})
afterEach(async () => {
  workspace.remove()
  await provider.stop()
})

const examples = (n: number): string =>
  Array.from(
    { length: n },
    (_, i) => `${JSON.stringify({ id: `e ${i}`, input: `q${i}`, expected: [`answer to q${i}`, 'single answer'] })}\n`,
  ).join('')

const INPUTS = { agent: 'anthropic:claude-haiku-4-5', dataset: 'golden.jsonl', batch: 'true' }
const env = () => ({ ANTHROPIC_BASE_URL: provider.url, ANTHROPIC_API_KEY: 'sk-ant-test-key' })
const run = (inputs: Record<string, string> = {}) => runStep('eval-gate', workspace, { ...INPUTS, ...inputs }, env())
const results = () => resultsSchema.parse(workspace.json('agent-ci-results/results.json'))
const trials = () =>
  workspace.lines('agent-ci-results/trials.jsonl').map((line) => trialRecordSchema.parse(JSON.parse(line)))
const singles = () => provider.received.filter(({ path }) => path === '/v1/messages').length
/** The price of an answer of the stub at once: 100 fresh tokens, 30 from the cache, 10 into it, 20 out. */
const FULL_USD = 215.5 / 1e6

describe('all trials go out in one batch', () => {
  test('and are measured at half the price, with no latency', async () => {
    provider.batches.looks = 2
    const step = await run({ repeats: '2', 'max-latency-p95': '5s', 'min-accuracy': '0.8' })
    expect(step.log).not.toContain('defect')
    expect(step.status).toBe(0)
    expect(provider.batches.stored.size).toBe(1)
    expect(singles()).toBe(0)
    expect(provider.received.map(({ headers }) => headers['x-api-key'])).toEqual(
      provider.received.map(() => 'sk-ant-test-key'),
    )
    expect(results()).toMatchObject({
      verdict: 'passed',
      counts: { planned: 40, measured: 40, errored: 0 },
      stopped: null,
      latency_p95: null,
      tokens: { input: 40 * 140, output: 40 * 20 },
    })
    expect(results().cost_usd).toBeCloseTo((40 * FULL_USD) / 2, 12)
    expect(results().gates).toMatchObject([
      { metric: 'accuracy', verdict: 'passed' },
      {
        metric: 'latency_p95_ms',
        value: null,
        set_aside: true,
        reason: expect.stringContaining('the answers of a batch come together, so none has a latency'),
      },
    ])
    expect(trials().every(({ batched }) => batched)).toBe(true)
    expect(step.log).toContain('a batch is answered as a whole')
    expect(step.log).toMatch(/Batch msgbatch_00000001: 40 requests sent/)
    expect(workspace.json('agent-ci-results/receipt.json')).toMatchObject({
      evaluated: { model: { answered: ['claude-haiku-4-5'] } },
    })
  })

  test('wrong answers are wrong answers', async () => {
    provider.batches.reply = (text) => (text === 'q3' ? 'no' : `answer to ${text}`)
    await run()
    expect(results()).toMatchObject({
      accuracy: 0.95,
      failed_examples: [{ id: 'e 3', latency_ms: null, response: 'no' }],
    })
  })
})

describe('what a batch leaves is called one by one', () => {
  test('requests that errored or expired', async () => {
    provider.batches.fate = (text) => (text === 'q1' ? 'errored' : text === 'q2' ? 'expired' : 'succeeded')
    const step = await run()
    expect(results().counts).toEqual({ planned: 20, measured: 20, replayed: 0, errored: 0 })
    expect(singles()).toBe(2)
    expect(results().cost_usd).toBeCloseTo(9 * FULL_USD + 2 * FULL_USD, 12)
    expect(trials().filter(({ batched }) => !batched)).toHaveLength(2)
    // Theirs are no latencies of the whole.
    expect(results()).toMatchObject({ latency_mean: null, latency_p95: null })
    expect(step.annotations.map(({ message }) => message).join()).toMatch(
      /Batch msgbatch_00000001 left 2 of 20 requests without an answer/,
    )
  })

  test('all, when batches are refused; and what is refused one by one too, is not measured', async () => {
    const refuse = (response: import('node:http').ServerResponse) =>
      response
        .writeHead(400, { 'content-type': 'application/json' })
        .end('{"type":"error","error":{"type":"invalid_request_error","message":"no batches here"}}')
    provider.faults.push(refuse)
    const step = await run()
    expect(step.annotations.map(({ message }) => message).join()).toMatch(
      /A batch of 20 requests was not taken.*no batches here/,
    )
    expect(singles()).toBe(20)
    expect(results().counts.measured).toBe(20)
    const none = await run({ model: 'no-such-model' })
    expect(none.status).toBe(1)
    expect(results()).toMatchObject({ verdict: 'errored', counts: { measured: 0 } })
  })

  test('and a batch that stalls is cancelled, its answers so far taken', async () => {
    provider.batches.looks = Number.POSITIVE_INFINITY
    const step = await run({ 'batch-timeout': '2s' })
    expect(step.annotations.map(({ message }) => message).join()).toMatch(/has not ended within 2 s and is cancelled/)
    expect(trials().filter(({ batched }) => batched)).toHaveLength(10)
    expect(singles()).toBe(10)
    expect(results().counts.measured).toBe(20)
  })

  test('a connection that broke is not tried again: a batch may have been made, and would be paid twice', async () => {
    provider.faults.push((response) => response.destroy())
    const step = await run()
    expect(step.annotations.map(({ message }) => message).join()).toMatch(/A batch of 20 requests was not taken/)
    expect(provider.received.filter(({ path }) => path === '/v1/messages/batches')).toHaveLength(1)
    expect(singles()).toBe(20)
    expect(results().counts.measured).toBe(20)
  })

  test('a passing refusal is no reason to pay the full price', async () => {
    provider.faults.push((response) => response.writeHead(529).end('{}'))
    await run()
    expect(singles()).toBe(0)
    expect(results().counts.measured).toBe(20)
  })
})

test('a budget bounds what is sent, by what it may cost; at its end the run has what it paid for', async () => {
  // A request may cost 16,384 tokens out at $2.50 a million, about $0.041: two of them fit at once, and each costs $0.00011.
  const step = await run({ 'budget-usd': '0.09', sample: '6' })
  expect(step.log).not.toContain('defect')
  expect([...provider.batches.stored.values()].map(({ requests }) => requests.length)).toEqual([2, 2, 2])
  expect(results().counts.measured).toBe(6)
  const none = await run({ 'budget-usd': '0.01', sample: '6' })
  expect(none.outputs.verdict).toBe('errored')
  expect(results().reason).toMatch(/budget of \$0\.01 is used up/)
  expect(provider.batches.stored.size).toBe(3)
})

test('a cancelled job cancels its batch, and the next run takes what was answered and paid', async () => {
  provider.batches.looks = Number.POSITIVE_INFINITY
  const running = startStep('eval-gate', workspace, INPUTS, env())
  await until(() => provider.received.some(({ path }) => path.startsWith('/v1/messages/batches/msgbatch')))
  running.process.kill('SIGINT')
  expect((await running.ended).outputs.verdict).toBe('errored')
  expect(provider.batches.stored.get('msgbatch_00000001')!.batch.processing_status).toBe('canceling')
  expect(workspace.json('agent-ci-results/batches.json')).toMatchObject([{ id: 'msgbatch_00000001' }])
  provider.batches.looks = 1
  const step = await run()
  expect(step.log).toMatch(/Batch msgbatch_00000001 of the run before is taken: 20 of its requests are wanted/)
  expect([...provider.batches.stored.values()].map(({ requests }) => requests.length)).toEqual([20, 10])
  expect(results().counts.measured).toBe(20)
  expect(singles()).toBe(0)
  expect(() => workspace.read('agent-ci-results/batches.json')).toThrow(/ENOENT/)
})

describe('refused before the first call', () => {
  test.each<[string, Record<string, string>, string, RegExp]>([
    ['another kind of agent', { agent: 'command:node agent.mjs' }, '', /batch is true\. The agent is of type command/],
    ['recordings', { responses: 'auto' }, '', /batch is true\. responses is auto/],
    [
      'tools',
      { agent: '' },
      'agent: { type: anthropic, model: m, tools: [{ name: t, input_schema: { type: object }, results: [{ result: x }] }] }\n',
      /batch is true\. The agent has tools/,
    ],
  ])('%s', async (_, inputs, config, message) => {
    workspace.write('agent-ci.yaml', `version: 1\n${config}`)
    const step = await run(inputs)
    expect(step.annotations.map((annotation) => annotation.message).join('\n')).toMatch(message)
    expect(step.status).toBe(1)
    expect(provider.received).toEqual([])
  })
})
