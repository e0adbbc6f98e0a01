import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { spansOf } from '@agent-ci/evaluation/trajectories/otlp-lines'
import { toolCallsOf } from '@agent-ci/evaluation/trajectories/tool-calls'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { Provider } from '../integration/gateway/provider/provider.ts'
import { canBuildReceiver, OtlpReceiver, type ReceivedSpan } from '../integration/telemetry/otlp-receiver.ts'
import { numberedExamples, runStep, Workspace } from './step.ts'

/** Answers right but for example 3; asks its model, which asks for a tool, and says which trace it was given. */
const WORKER = `
import { createInterface } from 'node:readline'
const ask = async (messages) => {
  const response = await fetch(process.env.ANTHROPIC_BASE_URL + '/v1/messages', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': process.env.ANTHROPIC_API_KEY ?? 'none', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 100, messages, tools: [{ name: 'find_order', input_schema: { type: 'object' } }] }),
  })
  return await response.json()
}
for await (const line of createInterface({ input: process.stdin })) {
  const { trial, input, traceparent } = JSON.parse(line)
  const { content } = await ask([{ role: 'user', content: input }])
  const [use] = content.filter(({ type }) => type === 'tool_use')
  await ask([
    { role: 'user', content: input },
    { role: 'assistant', content: [use] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: 'found' }] },
  ])
  const output = input === 'question 3' ? 'wrong: ' + traceparent : input.replace('question', 'answer')
  console.log(JSON.stringify({ trial, output }))
}
`
/** Without a model. */
const PLAIN = `
import { createInterface } from 'node:readline'
for await (const line of createInterface({ input: process.stdin })) {
  const { trial, input } = JSON.parse(line)
  const output = process.env.SEEN ? Object.keys(process.env).filter((name) => name.startsWith('OTLP')).join() : input.replace('question', 'answer')
  console.log(JSON.stringify({ trial, output }))
}
`
const INPUTS = { agent: 'command:node agent.mjs', dataset: 'golden.jsonl', stop: 'never', 'min-accuracy': '0.5' }

let workspace: Workspace
beforeEach(() => {
  workspace = new Workspace()
  workspace.write('golden.jsonl', numberedExamples(6))
  workspace.write('agent.mjs', PLAIN)
})
afterEach(() => workspace.remove())

/** A server that keeps what it gets and answers with one status. */
class Sink {
  readonly received: { method: string; path: string; headers: IncomingHttpHeaders; body: string }[] = []
  private readonly server: Server

  constructor(status: number, answer = '{}') {
    this.server = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (text: string) => (body += text))
      request.on('end', () => {
        this.received.push({ method: request.method!, path: request.url!, headers: request.headers, body })
        response.writeHead(status, { 'content-type': 'application/json' }).end(answer)
      })
    })
  }

  async start(): Promise<string> {
    await new Promise<void>((ready) => this.server.listen(0, '127.0.0.1', ready))
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((done) => this.server.close(done))
  }
}

const described = canBuildReceiver() ? describe : describe.skip
described("a run as spans, taken by the OpenTelemetry Collector's receiver", () => {
  let receiver: OtlpReceiver
  let provider: Provider
  beforeAll(async () => {
    receiver = await OtlpReceiver.start()
    provider = await Provider.start()
  }, 600_000)
  afterAll(async () => {
    receiver?.stop()
    await provider?.stop()
  })
  beforeEach(() => {
    receiver.lines.length = 0
    workspace.write('agent.mjs', WORKER)
  })

  const run = (inputs: Readonly<Record<string, string>> = {}, env: Readonly<Record<string, string>> = {}) =>
    runStep(
      'eval-gate',
      workspace,
      { ...INPUTS, ...inputs },
      {
        ANTHROPIC_BASE_URL: provider.url,
        ANTHROPIC_API_KEY: 'sk-ant-test-key',
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20otlp-secret',
        ...env,
      },
    )
  const named = (prefix: string): ReceivedSpan[] => receiver.spans.filter(({ name }) => name.startsWith(prefix))

  test('evaluation, trials, model calls and tool calls are one tree', async () => {
    const step = await run({}, { OTEL_SERVICE_NAME: 'support-evals' })
    expect(step.annotations.filter(({ level }) => level === 'warning' && /spans/i.test(step.log))).toEqual([])
    const { spans } = receiver
    expect(spans).toHaveLength(1 + 6 * (1 + 2 + 1))
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length)
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1)
    const [evaluation] = named('evaluate ')
    expect(evaluation).toMatchObject({
      name: 'evaluate golden',
      parentSpanId: undefined,
      attributes: { 'agent_ci.verdict': step.outputs.verdict, 'agent_ci.accuracy': 5 / 6 },
      resource: { 'service.name': 'support-evals' },
    })
    const trials = named('invoke_agent ')
    expect(new Set(trials.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([evaluation!.spanId]))
    expect(trials.map(({ attributes }) => attributes['agent_ci.example.id']).sort()).toEqual([
      'e0',
      'e1',
      'e2',
      'e3',
      'e4',
      'e5',
    ])
    for (const { spanId, attributes, startNano, endNano } of trials) {
      const children = spans.filter(({ parentSpanId }) => parentSpanId === spanId)
      const [first, second, tool] = children
      expect(children.map(({ name }) => name)).toEqual([
        'chat claude-haiku-4-5',
        'chat claude-haiku-4-5',
        'execute_tool find_order',
      ])
      expect(attributes).toMatchObject({
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.response.model': 'claude-haiku-4-5',
      })
      expect(attributes['gen_ai.usage.input_tokens']).toBe(
        children.reduce((sum, child) => sum + Number(child.attributes['gen_ai.usage.input_tokens'] ?? 0), 0),
      )
      expect(first!.attributes).toMatchObject({
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'anthropic',
        'gen_ai.request.model': 'claude-haiku-4-5',
        'agent_ci.replayed': false,
      })
      expect(tool!.attributes).toMatchObject({
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'find_order',
      })
      expect(tool!.startNano >= first!.endNano && tool!.endNano <= second!.endNano).toBe(true)
      // The gateway's clock and ours are one, in whole milliseconds.
      for (const child of children)
        expect(child.startNano >= startNano - 2_000_000n && child.endNano <= endNano + 2_000_000n).toBe(true)
    }
  })

  test('what the collector writes to a file is read as trajectories', async () => {
    await run()
    const names = toolCallsOf(receiver.lines.flatMap(spansOf)).map(({ name }) => name)
    expect(names).toEqual(Array.from({ length: 6 }, () => 'find_order'))
  })

  test('a trial has the results of its scorers as events', async () => {
    await run()
    const trial = named('invoke_agent ').find(({ attributes }) => attributes['agent_ci.example.id'] === 'e3')
    expect(trial!.events).toEqual([
      {
        name: 'gen_ai.evaluation.result',
        attributes: {
          'gen_ai.evaluation.name': 'exact',
          'gen_ai.evaluation.score.value': 0,
          'gen_ai.evaluation.score.label': 'fail',
        },
      },
    ])
  })

  test('the agent is given the context of its trial', async () => {
    await run()
    const trial = named('invoke_agent ').find(({ attributes }) => attributes['agent_ci.example.id'] === 'e3')
    expect(workspace.read('agent-ci-results/trials.jsonl')).toContain(
      `"wrong: 00-${trial!.traceId}-${trial!.spanId}-01"`,
    )
  })

  test('texts are sent only when they are asked for, and secrets never', async () => {
    await run()
    const silent = receiver.lines.join('\n')
    for (const text of ['question 1', 'answer 1', 'wrong:', 'otlp-secret', 'sk-ant-test-key']) {
      expect(silent).not.toContain(text)
    }
    receiver.lines.length = 0
    workspace.write(
      'agent-ci.yaml',
      'version: 1\nagent: command:node agent.mjs\ntelemetry: { otlp: { content: true } }\n',
    )
    await run()
    const told = receiver.lines.join('\n')
    for (const text of ['question 1', 'answer 1', 'wrong:']) expect(told).toContain(text)
    for (const text of ['otlp-secret', 'sk-ant-test-key']) expect(told).not.toContain(text)
  })

  test('no endpoint, no spans', async () => {
    await run({ 'otlp-endpoint': 'none' })
    expect(receiver.lines).toEqual([])
  })
})

describe('trouble with an export', () => {
  const rightVerdict = { verdict: 'passed', accuracy: '1' }

  test.each([
    ['a receiver that refuses', 401, 'HTTP 401'],
    ['a receiver that fails', 500, 'HTTP 500'],
  ])('%s is one warning and changes no verdict', async (_, status, said) => {
    const sink = new Sink(status, '{"message":"no otlp-secret"}')
    const url = await sink.start()
    const step = await runStep('eval-gate', workspace, INPUTS, {
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=otlp-secret',
    })
    await sink.stop()
    expect(step.status).toBe(0)
    expect(step.outputs).toMatchObject(rightVerdict)
    const warnings = step.annotations.filter(({ properties }) => properties.includes('OpenTelemetry'))
    expect(warnings).toHaveLength(1)
    expect(warnings[0]!.message).toContain(said)
    expect(sink.received[0]!.headers.authorization).toBe('otlp-secret')
    expect(step.log).not.toContain('otlp-secret')
  })

  test('nobody at the address is one warning', async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }
    const step = await runStep('eval-gate', workspace, { ...INPUTS, 'pushgateway-url': 'http://127.0.0.1:9' }, env)
    expect(step.status).toBe(0)
    expect(step.outputs).toMatchObject(rightVerdict)
    const titles = step.annotations.filter(({ level }) => level === 'warning').map(({ properties }) => properties)
    expect(titles.filter((title) => title.includes('OpenTelemetry'))).toHaveLength(1)
    expect(titles.filter((title) => title.includes('Pushgateway'))).toHaveLength(1)
  })

  test('an environment that asks for gRPC is told and stops nothing', async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }
    const step = await runStep('eval-gate', workspace, INPUTS, env)
    expect(step.outputs).toMatchObject(rightVerdict)
    expect(step.log).toContain('OTLP over HTTP only')
  })
})

describe('the metrics of a run', () => {
  test('go to the Pushgateway with the header that the environment holds, which no agent sees', async () => {
    const sink = new Sink(200)
    const url = await sink.start()
    workspace.write(
      'agent-ci.yaml',
      `version: 1\ntelemetry:\n  pushgateway:\n    url: ${url}\n    job: evals\n    grouping: { team: support }\n    headers: { Authorization: "\${OTLP_PUSH}" }\n`,
    )
    const step = await runStep(
      'eval-gate',
      workspace,
      { ...INPUTS, 'min-accuracy': '0' },
      {
        OTLP_PUSH: 'Basic c2VjcmV0',
        OTLP_OTHER: 'seen',
        SEEN: 'true',
      },
    )
    await sink.stop()
    expect(sink.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'PUT /metrics/job/evals/team/support',
    ])
    expect(sink.received[0]!.headers.authorization).toBe('Basic c2VjcmV0')
    expect(sink.received[0]!.body).toContain('agent_ci_accuracy_ratio{dataset="golden"} 0\n')
    expect(step.log).not.toContain('c2VjcmV0')
    expect(workspace.read('agent-ci-results/trials.jsonl')).toContain('"output":"OTLP_OTHER"')
  })

  test('are not pushed for a shard', async () => {
    const sink = new Sink(200)
    const url = await sink.start()
    await runStep('eval-gate', workspace, { ...INPUTS, shard: '1/2', 'pushgateway-url': url })
    await sink.stop()
    expect(sink.received).toEqual([])
  })
})

describe('a night', () => {
  test('pushes its metrics as one group, and trouble with its spans is one warning for all legs', async () => {
    const sink = new Sink(200)
    const url = await sink.start()
    workspace.write(
      'agent-ci.yaml',
      `version: 1\nagent: command:node agent.mjs\ndatasets: { golden: golden.jsonl, other: other.jsonl }\nnightly: { history: "dir:history" }\ntelemetry: { pushgateway: { url: "${url}" } }\n`,
    )
    workspace.write('other.jsonl', numberedExamples(3))
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }
    const step = await runStep('nightly-eval', workspace, {}, env)
    await sink.stop()
    expect(step).toMatchObject({ status: 0, outputs: { verdict: 'passed' } })
    expect(sink.received.map(({ method, path }) => `${method} ${path}`)).toEqual(['PUT /metrics/job/agent-ci-nightly'])
    const { body } = sink.received[0]!
    expect(body).toContain('agent_ci_night_verdict{verdict="passed"} 1\n')
    for (const dataset of ['golden', 'other'])
      expect(body).toContain(`agent_ci_accuracy_ratio{dataset="${dataset}",arm="current"} 1\n`)
    expect(step.annotations.filter(({ properties }) => properties.includes('OpenTelemetry'))).toHaveLength(1)
  })
})

describe("an agent's own spans", () => {
  /** Reports no tool calls; its spans are in a file a little after its reply, and for question 2 never. */
  const TRACED = `
import { appendFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
for await (const line of createInterface({ input: process.stdin })) {
  const { trial, input, traceparent } = JSON.parse(line)
  const [, traceId, parentSpanId] = traceparent.split('-')
  const spans = [
    { traceId, spanId: 'aaaaaaaaaaaaaaaa', parentSpanId, name: 'agent' },
    { traceId, spanId: 'bbbbbbbbbbbbbbbb', parentSpanId: 'aaaaaaaaaaaaaaaa', name: 'execute_tool', startTimeUnixNano: '1',
      attributes: [{ key: 'gen_ai.tool.name', value: { stringValue: input === 'question 1' ? 'refund' : 'find_order' } }] },
  ].map((span) => ({ ...span, spanId: span.spanId.slice(0, 15) + input.at(-1), ...(span.name !== 'agent' && { parentSpanId: 'aaaaaaaaaaaaaaa' + input.at(-1) }) }))
  console.log(JSON.stringify({ trial, output: input.replace('question', 'answer') }))
  if (input !== 'question 2') setTimeout(() => appendFileSync('traces.jsonl', JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }) + '\\n'), 100)
}
`

  test('say its tool calls; where they do not come, tool calls are unknown and not wrong', async () => {
    workspace.write(
      'golden.jsonl',
      numberedExamples(3, () => ({ expected_tools: ['find_order'] })),
    )
    workspace.write('agent.mjs', TRACED)
    workspace.write(
      'agent-ci.yaml',
      'version: 1\nagent: command:node agent.mjs\ntelemetry: { trajectories: { file: traces.jsonl, wait: 2s } }\n',
    )
    const step = await runStep('eval-gate', workspace, {
      dataset: 'golden.jsonl',
      gates: 'accuracy >= 0.5',
      stop: 'never',
    })
    const trials = workspace.lines('agent-ci-results/trials.jsonl').map((line) => JSON.parse(line) as object)
    const of = (id: string) => trials.find((trial) => 'example_id' in trial && trial.example_id === id)
    expect(of('e0')).toMatchObject({ tool_correct: true, tool_calls: [{ name: 'find_order' }] })
    expect(of('e1')).toMatchObject({ tool_correct: false, tool_calls: [{ name: 'refund' }] })
    expect(of('e2')).toMatchObject({ tool_correct: null, tool_calls: null })
    expect(step.outputs['tool-accuracy']).toBe('0.5')
  })
})

describe('results.sarif', () => {
  test('is written where it is asked for, named in an output, and has the line of the failing example', async () => {
    workspace.write('golden.jsonl', numberedExamples(6).replace('"answer 4"', '"another"'))
    const step = await runStep('eval-gate', workspace, { ...INPUTS, sarif: 'true' })
    expect(step.outputs['sarif-path']).toBe('agent-ci-results/results.sarif')
    const { runs } = workspace.json<{ runs: { results: { locations: object[] }[] }[] }>(
      'agent-ci-results/results.sarif',
    )
    expect(runs[0]!.results.map(({ locations }) => locations)).toEqual([
      [
        {
          physicalLocation: {
            artifactLocation: { uri: 'golden.jsonl', uriBaseId: '%SRCROOT%' },
            region: { startLine: 5 },
          },
        },
      ],
    ])
  })

  test('of an earlier run does not stay', async () => {
    await runStep('eval-gate', workspace, { ...INPUTS, sarif: 'true' })
    const step = await runStep('eval-gate', workspace, INPUTS)
    expect(step.outputs['sarif-path']).toBe('')
    expect(() => workspace.read('agent-ci-results/results.sarif')).toThrow(/ENOENT/)
  })
})
