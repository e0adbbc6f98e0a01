import { trialScope } from '@agent-ci/gateway/scope'
import Anthropic from '@anthropic-ai/sdk'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import OpenAI from 'openai'
import { Workplace } from './gateway.ts'
import { Provider } from './provider/provider.ts'

const workplace = new Workplace()
let provider: Provider
/** Of an example whose name a URL has to escape. */
const SCOPE = trialScope("a/b c@x 'é'", 1)

beforeEach(async () => {
  provider = await Provider.start()
})

afterEach(async () => {
  await workplace.clear()
  await provider.stop()
})

const tools = [{ name: 'search', input_schema: { type: 'object' as const, properties: { query: { type: 'string' } } } }]

/** Everything that an agent may see of an answer or an error, event by event. */
async function outcome(work: () => Promise<unknown>): Promise<unknown> {
  try {
    return { value: await work() }
  } catch (error) {
    const { name, message, status, error: body } = error as InstanceType<typeof Anthropic.APIError>
    return { name, message, status, body }
  }
}

async function collect(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const events: unknown[] = []
  for await (const event of stream) events.push(event)
  return events
}

async function askAnthropic(baseURL: string): Promise<unknown[]> {
  const client = new Anthropic({ baseURL, apiKey: 'test-key' })
  const ask = { model: 'claude-opus-5-5', max_tokens: 200, messages: [{ role: 'user' as const, content: 'Hello' }] }
  const seen: unknown[] = []
  const say = async (work: () => Promise<unknown>) => seen.push(await outcome(work))

  await say(() => client.messages.create(ask))
  await say(() => client.messages.create(ask))
  await say(async () => await collect(await client.messages.create({ ...ask, stream: true })))
  await say(async () => {
    const stream = client.messages.stream({ ...ask, tools })
    const events: unknown[] = []
    stream.on('streamEvent', (event) => events.push(structuredClone(event)))
    return { message: await stream.finalMessage(), events }
  })
  await say(async () => {
    const messages: Anthropic.MessageParam[] = [...ask.messages]
    const first = await client.messages.create({ ...ask, messages, tools })
    const use = first.content.find((block): block is Anthropic.ToolUseBlock => block.type === 'tool_use')
    messages.push({ role: 'assistant', content: [use!] })
    messages.push({ role: 'user', content: [{ type: 'tool_result', tool_use_id: use!.id, content: 'found' }] })
    return [first, await client.messages.create({ ...ask, messages, tools })]
  })
  await say(async () => await client.messages.countTokens({ model: ask.model, messages: ask.messages }))
  await say(async () => await client.messages.create({ ...ask, model: 'no-such-model' }))
  await say(async () => await client.messages.create({ ...ask, max_tokens: 0 }))
  await say(async () => (await client.messages.create(ask).withResponse()).request_id)
  return seen
}

async function askOpenAi(baseURL: string): Promise<unknown[]> {
  const client = new OpenAI({ baseURL, apiKey: 'test-key' })
  const ask = { model: 'gpt-5', messages: [{ role: 'user' as const, content: 'Hello' }] }
  const chatTools = [{ type: 'function' as const, function: { name: 'search', parameters: { type: 'object' } } }]
  const responseTools = [{ type: 'function' as const, name: 'search', strict: false, parameters: { type: 'object' } }]
  const seen: unknown[] = []
  const say = async (work: () => Promise<unknown>) => seen.push(await outcome(work))

  await say(() => client.chat.completions.create(ask))
  await say(() => client.chat.completions.create({ ...ask, tools: chatTools }))
  await say(async () => await collect(await client.chat.completions.create({ ...ask, stream: true })))
  await say(async () => {
    const options = { ...ask, tools: chatTools, stream: true as const, stream_options: { include_usage: true } }
    return await collect(await client.chat.completions.create(options))
  })
  await say(() => client.responses.create({ model: 'gpt-5', input: 'Hello' }))
  await say(() => client.responses.create({ model: 'gpt-5', input: 'Hello', tools: responseTools }))
  await say(async () => await collect(await client.responses.create({ model: 'gpt-5', input: 'Hello', stream: true })))
  await say(async () => {
    const stream = client.responses.stream({ model: 'gpt-5', input: 'Hi', tools: responseTools })
    return (await stream.finalResponse()).output
  })
  await say(() => client.embeddings.create({ model: 'text-embedding-3-small', input: ['a', 'b'] }))
  await say(() => client.chat.completions.create({ ...ask, temperature: 9 }))
  return seen
}

describe('the official TypeScript SDKs, unchanged', () => {
  test.each([
    ['@anthropic-ai/sdk', 'anthropic', askAnthropic],
    ['openai', 'openai', askOpenAi],
  ] as const)(
    '%s gets the same through the gateway, recorded and replayed, event by event',
    async (_, protocol, ask) => {
      const cassettes = workplace.directory()
      const direct = await ask(`${provider.url}${protocol === 'openai' ? '/v1' : ''}`)
      const twin = await Provider.start()
      try {
        const upstreams = { anthropic: twin.url, openai: twin.url }
        const recording = await workplace.start({ mode: 'record', cassettes, upstreams })
        const recorded = await ask(recording.baseUrls(SCOPE)[protocol])
        await recording.close()
        expect(recorded).toEqual(direct)
        expect(twin.received.length).toBe(provider.received.length)

        await twin.stop()
        const replaying = await workplace.start({ mode: 'replay', cassettes, upstreams })
        const replayed = await ask(replaying.baseUrls(SCOPE)[protocol])
        expect(replayed).toEqual(direct)
        const observed = replaying.usageOf(SCOPE)
        expect(observed.live).toBe(0)
        expect(observed.hits).toBe(observed.calls)
        expect(observed.misses).toBe(0)
      } finally {
        await twin.stop()
      }
    },
  )

  test('what is missing in a replay is an error that the SDKs do not retry', async () => {
    const cassettes = workplace.directory()
    const replaying = await workplace.start({ mode: 'replay', cassettes })
    const urls = replaying.baseUrls()
    const client = new Anthropic({ baseURL: urls.anthropic, apiKey: 'x', maxRetries: 3 })
    const ask = { model: 'm', max_tokens: 5, messages: [{ role: 'user' as const, content: 'Hello' }] }
    await expect(client.messages.create(ask)).rejects.toBeInstanceOf(Anthropic.NotFoundError)
    const other = new OpenAI({ baseURL: urls.openai, apiKey: 'x', maxRetries: 3 })
    await expect(other.embeddings.create({ model: 'm', input: 'x' })).rejects.toMatchObject({
      status: 404,
      code: 'recording_not_found',
    })
    expect(replaying.summary().observed.misses).toBe(2)
  })
})
