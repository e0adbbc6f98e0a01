import type { Agent } from '@agent-ci/core/agent'
import { anthropicAgent } from '@agent-ci/evaluation/agents/anthropic'
import type { AgentDeps } from '@agent-ci/evaluation/agents/deps'
import type Anthropic from '@anthropic-ai/sdk'
import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { configOf, depsWith, directoryWith, refusalOf, requestFor, serveHttp, serveTcp, until } from './fixtures.ts'

const USAGE = {
  cache_creation: null,
  cache_creation_input_tokens: null,
  cache_read_input_tokens: null,
  inference_geo: null,
  input_tokens: 10,
  output_tokens: 5,
  output_tokens_details: null,
  server_tool_use: null,
  service_tier: 'standard',
  speed: null,
} satisfies Anthropic.Usage

const ANSWER = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-5-5-20261001',
  container: null,
  diagnostics: null,
  content: [{ type: 'text', text: 'Paris', citations: null }],
  stop_details: null,
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: USAGE,
} satisfies Anthropic.Message

const asking = (...calls: [id: string, name: string, input: unknown][]): Anthropic.Message => ({
  ...ANSWER,
  stop_reason: 'tool_use',
  content: [
    { type: 'text', text: 'Let me look.', citations: null },
    ...calls.map(([id, name, input]) => ({
      type: 'tool_use' as const,
      id,
      name,
      input,
      caller: { type: 'direct' as const },
    })),
  ],
})

type Body = Anthropic.MessageCreateParamsNonStreaming

const FIELDS = new Set(['model', 'max_tokens', 'messages', 'system', 'temperature', 'tools'])

/** What the Messages API refuses, as far as our requests could go wrong. */
function complaintOf(body: Body): string | undefined {
  const unknown = Object.keys(body).find((key) => !FIELDS.has(key))
  if (unknown) return `${unknown}: Extra inputs are not permitted`
  if (body.messages.length === 0) return 'messages: at least one message is required'
  for (const [i, { role, content }] of body.messages.entries()) {
    if (role !== (i % 2 === 0 ? 'user' : 'assistant')) return 'messages: roles must alternate'
    const asked = blocksOf(body.messages[i - 1]?.content).flatMap((block) =>
      block.type === 'tool_use' ? [block.id] : [],
    )
    const answered = blocksOf(content).flatMap((block) => (block.type === 'tool_result' ? [block.tool_use_id] : []))
    if (role === 'user' && asked.join() !== answered.join()) return 'messages: each tool_use must have its tool_result'
    if (blocksOf(content).some((block) => block.type === 'tool_use') && !body.tools) return 'tools: required'
  }
  return undefined
}

const blocksOf = (content: Anthropic.MessageParam['content'] | undefined) => (Array.isArray(content) ? content : [])

type Scripted =
  | Anthropic.Message
  | { status: number; headers?: Record<string, string>; error: Anthropic.ErrorResponse['error'] | string }

let closing: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(closing.map((each) => each.close()))
  closing = []
})

/** A Messages API that answers with each of some answers, the last one for ever. */
async function api(...script: Scripted[]) {
  const bodies: Body[] = []
  const calls: { url: string | undefined; key: unknown }[] = []
  const serving = await serveHttp(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    const body = JSON.parse(text) as Body
    bodies.push(body)
    calls.push({ url: request.url, key: request.headers.authorization })
    const complaint = complaintOf(body)
    const next: Scripted = complaint
      ? { status: 400, error: { type: 'invalid_request_error', message: complaint } }
      : script[Math.min(bodies.length, script.length) - 1]!
    if ('status' in next) {
      const { status, error, headers } = next
      response.writeHead(status, { 'content-type': 'application/json', ...headers })
      response.end(typeof error === 'string' ? error : JSON.stringify({ type: 'error', error }))
    } else response.setHeader('content-type', 'application/json').end(JSON.stringify(next))
  })
  closing.push(serving)
  return { ...serving, bodies, calls }
}

const WEATHER = {
  name: 'weather',
  description: 'The weather of a city',
  input_schema: { properties: { city: { type: 'string' } }, required: ['city'] },
  results: [
    { when: { city: 'Paris', day: { in: 1 } }, result: 'storm' },
    { when: { city: 'Paris' }, result: { sky: 'clear' } },
    { when: { city: 'Rome' }, result: 'closed', is_error: true },
  ],
}

async function agentAt(
  url: string,
  config: Partial<Parameters<typeof configOf<'anthropic'>>[1]> = {},
  deps: Partial<AgentDeps> = {},
): Promise<Agent> {
  const agent = await anthropicAgent(
    configOf('anthropic', { model: 'claude-sonnet-5-5', base_url: url, ...config }),
    depsWith({ env: { ANTHROPIC_API_KEY: 'key-1' }, ...deps }),
  )
  closing.push(agent)
  return agent
}

describe('a conversation', () => {
  test('is one call for a text', async () => {
    const { url, bodies, calls } = await api(ANSWER)
    const agent = await agentAt(url)
    expect(await agent.run(requestFor('Capital of France?'))).toEqual({
      output: 'Paris',
      toolCalls: [],
      usage: { inputTokens: 10, outputTokens: 5, model: 'claude-sonnet-5-5-20261001' },
      latencyMs: expect.any(Number),
      attempts: 1,
    })
    expect(bodies).toEqual([
      { model: 'claude-sonnet-5-5', max_tokens: 16_384, messages: [{ role: 'user', content: 'Capital of France?' }] },
    ])
    expect(calls).toEqual([{ url: '/v1/messages', key: 'Bearer key-1' }])
    expect(agent.description).toBe('anthropic claude-sonnet-5-5')
  })

  test('sends system, temperature, tools, and the model of the run', async () => {
    const { url, bodies } = await api(ANSWER)
    const agent = await agentAt(url, { system: 'Be brief', temperature: 0, max_tokens: 100_000, tools: [WEATHER] })
    await agent.run(requestFor({ q: 1 }, { model: 'claude-opus-5-5' }))
    expect(bodies).toEqual([
      {
        model: 'claude-opus-5-5',
        max_tokens: 100_000,
        temperature: 0,
        system: 'Be brief',
        messages: [{ role: 'user', content: '{"q":1}' }],
        tools: [
          {
            name: 'weather',
            description: 'The weather of a city',
            input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
          },
        ],
      },
    ])
  })

  test('goes on from chat messages, whose system messages follow the system prompt', async () => {
    const { url, bodies } = await api(ANSWER)
    const agent = await agentAt(url, { system: 'Be brief' })
    const turns = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: [{ type: 'text', text: 'Hello' }] },
      { role: 'user', content: 'Capital?' },
    ]
    await agent.run(
      requestFor([
        { role: 'system', content: 'In French' },
        ...turns,
        { role: 'system', content: [{ type: 'text', text: 'Now' }] },
      ]),
    )
    expect(bodies[0]).toMatchObject({ system: 'Be brief\n\nIn French\n\nNow', messages: turns })
  })

  test('says a list that is no chat as JSON', async () => {
    const { url, bodies } = await api(ANSWER)
    await (await agentAt(url)).run(requestFor([{ role: 'judge', content: 'x' }]))
    expect(bodies[0]?.messages).toEqual([{ role: 'user', content: '[{"role":"judge","content":"x"}]' }])
  })

  test('runs the stubbed tools until no more are asked for', async () => {
    const { url, bodies } = await api(
      {
        ...asking(
          ['t1', 'weather', { city: 'Paris', day: { in: 1 } }],
          ['t2', 'weather', { city: 'Paris', day: { in: 2 } }],
        ),
        usage: { ...USAGE, cache_read_input_tokens: 100, cache_creation_input_tokens: 20 },
      },
      asking(['t3', 'weather', { city: 'Rome' }], ['t4', 'weather', { city: 'Oslo' }], ['t5', 'news', {}]),
      ANSWER,
    )
    expect(await (await agentAt(url, { tools: [WEATHER] })).run(requestFor('Weather?'))).toMatchObject({
      output: 'Paris',
      toolCalls: [
        { name: 'weather', args: { city: 'Paris', day: { in: 1 } } },
        { name: 'weather', args: { city: 'Paris', day: { in: 2 } } },
        { name: 'weather', args: { city: 'Rome' } },
        { name: 'weather', args: { city: 'Oslo' } },
        { name: 'news', args: {} },
      ],
      usage: { inputTokens: 150, outputTokens: 15, model: 'claude-sonnet-5-5-20261001' },
    })
    expect(bodies).toHaveLength(3)
    expect(bodies[2]?.messages[2]?.content).toEqual([
      { type: 'tool_result', tool_use_id: 't1', content: 'storm' },
      { type: 'tool_result', tool_use_id: 't2', content: '{"sky":"clear"}' },
    ])
    expect(bodies[2]?.messages[4]?.content).toEqual([
      { type: 'tool_result', tool_use_id: 't3', content: 'closed', is_error: true },
      {
        type: 'tool_result',
        tool_use_id: 't4',
        content: 'The tool weather has no result for the arguments {"city":"Oslo"}',
        is_error: true,
      },
      { type: 'tool_result', tool_use_id: 't5', content: 'There is no tool news', is_error: true },
    ])
  })

  test('that never ends is the agent failure, with its cost', async () => {
    const { url, bodies } = await api(asking(['t1', 'weather', { city: 'Paris' }]))
    const agent = await agentAt(url, { tools: [WEATHER], max_tool_iterations: 2 })
    expect(await agent.run(requestFor('Weather?'))).toMatchObject({
      output: '',
      toolCalls: [{ name: 'weather' }, { name: 'weather' }, { name: 'weather' }],
      usage: { inputTokens: 30, outputTokens: 15 },
      failure: {
        of: 'agent',
        kind: 'exception',
        message: 'The model still asked for tools after 2 rounds of them (max_tool_iterations)',
      },
    })
    expect(bodies).toHaveLength(3)
  })

  test.each<Partial<Anthropic.Message>>([{ stop_reason: 'max_tokens' }, { stop_reason: 'refusal' }])(
    'that ends with %j is an answer',
    async (changes) => {
      const { url } = await api({ ...ANSWER, ...changes })
      expect(await (await agentAt(url)).run(requestFor('x'))).toMatchObject({ output: 'Paris' })
    },
  )

  test('joins the texts of the last message, and none is an empty answer', async () => {
    const content: Anthropic.TextBlock[] = [
      { type: 'text', text: 'Par', citations: null },
      { type: 'text', text: 'is', citations: null },
    ]
    const { url } = await api({ ...ANSWER, content }, { ...ANSWER, content: [] })
    const agent = await agentAt(url)
    expect((await agent.run(requestFor('x'))).output).toBe('Paris')
    expect((await agent.run(requestFor('x'))).output).toBe('')
  })
})

test('a model that will be retired is no reason to write to the console', async () => {
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => {})
  const { url } = await api(ANSWER)
  await (await agentAt(url, { model: 'claude-sonnet-4-5' })).run(requestFor('x'))
  expect(warn).not.toHaveBeenCalled()
  warn.mockRestore()
})

describe('the system prompt', () => {
  test('may be a file, or the prompt under test with its path', async () => {
    const directory = directoryWith({ 'prompt.md': 'From the file' })
    const { url, bodies } = await api(ANSWER)
    for (const prompts of [{}, { 'prompt.md': 'Under test' }]) {
      const agent = await agentAt(url, { system: 'file:prompt.md' }, { cwd: directory.path, prompts })
      await agent.run(requestFor('x'))
    }
    directory.remove()
    expect(bodies.map(({ system }) => system)).toEqual(['From the file', 'Under test'])
  })

  test('in a file that is missing is refused', async () => {
    expect(await refusalOf(() => agentAt('http://127.0.0.1:1', { system: 'file:missing.md' }))).toMatch(
      /^agent\.system is "file:missing\.md"\. The file cannot be read: (?:Error: )?ENOENT/,
    )
  })
})

describe('the key', () => {
  test.each<[string, Partial<Parameters<typeof configOf<'anthropic'>>[1]>, Partial<AgentDeps>]>([
    ['is needed for the real API', { base_url: undefined }, { env: {} }],
    ['may not be empty', { base_url: undefined }, { env: { ANTHROPIC_API_KEY: '' } }],
    ['is needed for another host', { base_url: 'https://127.0.0.1.example.test' }, { env: {} }],
    [
      'is needed for another host in the environment',
      { base_url: undefined },
      { env: { ANTHROPIC_BASE_URL: 'https://proxy.test' } },
    ],
  ])('%s', async (_, config, deps) => {
    expect(await refusalOf(() => agentAt('', config, deps))).toContain('ANTHROPIC_API_KEY is not set')
  })

  test('is not needed for a gateway on this machine, which the worker may name', async () => {
    const { url, calls } = await api(ANSWER)
    const given: [number, string | null][] = []
    const agent = await agentAt(
      'https://unused.test',
      {},
      {
        env: {},
        workerEnv: (worker) => ({ ANTHROPIC_BASE_URL: `${url}/w/${worker}` }),
        onTrial: (worker, trial) => given.push([worker, trial]),
      },
    )
    await Promise.all(['a', 'b'].map((id) => agent.run(requestFor('x', { id }))))
    expect(calls.map((call) => call.url).sort()).toEqual(['/w/0/v1/messages', '/w/1/v1/messages'])
    expect(calls[0]?.key).toBe('Bearer none')
    expect(given.slice(0, 2)).toEqual([
      [0, 'a#0'],
      [1, 'b#0'],
    ])
    expect(given.slice(2).sort()).toEqual([
      [0, null],
      [1, null],
    ])
  })

  test('of the process itself is never used', async () => {
    const { url, calls } = await api(ANSWER)
    const before = { ...process.env }
    Object.assign(process.env, {
      ANTHROPIC_API_KEY: 'of the process',
      ANTHROPIC_AUTH_TOKEN: 'of the process',
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:1',
    })
    try {
      const agent = await agentAt('', { base_url: undefined }, { env: { ANTHROPIC_BASE_URL: url } })
      expect(await agent.run(requestFor('x'))).toMatchObject({ output: 'Paris' })
    } finally {
      process.env = before
    }
    expect(calls).toEqual([{ url: '/v1/messages', key: 'Bearer none' }])
  })
})

describe('a failure of the API', () => {
  test.each<[number, Anthropic.ErrorResponse['error']['type'], object]>([
    [400, 'invalid_request_error', { kind: 'refused', retryable: false }],
    [401, 'authentication_error', { kind: 'refused', retryable: false }],
    [403, 'permission_error', { kind: 'refused', retryable: false }],
    [404, 'not_found_error', { kind: 'refused', retryable: false }],
    [429, 'rate_limit_error', { kind: 'rate-limit', retryable: true, retryAfterMs: 3_000 }],
    [500, 'api_error', { kind: 'unavailable', retryable: true }],
    [529, 'overloaded_error', { kind: 'rate-limit', retryable: true }],
  ])('%i is of the infrastructure, and called once', async (status, type, failure) => {
    const headers: Record<string, string> = status === 429 ? { 'retry-after': '3' } : {}
    const { url, bodies } = await api({ status, headers, error: { type, message: 'because' } })
    const reply = await (await agentAt(url)).run(requestFor('x'))
    expect(reply.failure).toMatchObject({ of: 'infrastructure', ...failure })
    expect(reply.failure?.message).toMatch(new RegExp(`^The Messages API refused the call: ${status} .*because`))
    expect(bodies).toHaveLength(1)
  })

  test('after a first answer keeps what that one used', async () => {
    const { url } = await api(asking(['t1', 'weather', { city: 'Paris' }]), { status: 500, error: 'down' })
    expect(await (await agentAt(url, { tools: [WEATHER] })).run(requestFor('x'))).toMatchObject({
      usage: { inputTokens: 10 },
      failure: { kind: 'unavailable' },
    })
  })

  test('a connection that breaks is the network', async () => {
    const serving = await serveTcp((socket) => socket.once('data', () => socket.destroy()))
    closing.push(serving)
    expect((await (await agentAt(serving.url)).run(requestFor('x'))).failure).toMatchObject({
      of: 'infrastructure',
      kind: 'network',
      retryable: true,
    })
  })

  test.each(['<html>', '{}', '{"content": 5}'])('an answer %s that is none', async (error) => {
    const { url } = await api({ status: 200, error })
    expect((await (await agentAt(url)).run(requestFor('x'))).failure).toMatchObject({
      of: 'infrastructure',
      kind: 'protocol',
      retryable: false,
    })
  })
})

test('a stopped trial breaks its connection', async () => {
  let connected = false
  let closed = false
  const serving = await serveTcp((socket) => {
    socket.once('data', () => {
      connected = true
    })
    socket.on('close', () => {
      closed = true
    })
  })
  closing.push(serving)
  const stop = new AbortController()
  const agent = await agentAt(serving.url, {}, { concurrency: 1 })
  const running = agent.run(requestFor('x', { signal: stop.signal }))
  const waiting = agent.run(requestFor('y', { signal: stop.signal }))
  await until(() => connected)
  stop.abort(new DOMException('No reply within 1 s', 'TimeoutError'))
  for (const reply of [running, waiting])
    expect((await reply).failure).toMatchObject({ kind: 'timeout', message: 'No reply within 1 s' })
  await until(() => closed)
})
