import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Agent, AgentRequest } from '@agent-ci/core/agent'
import type { AgentConfigOf } from '@agent-ci/core/config/agents'
import { ConfigurationError, messageOf } from '@agent-ci/core/errors'
import type { Json, JsonObject } from '@agent-ci/core/json'
import type { ToolCall, Usage } from '@agent-ci/core/reply'
import { untrusted } from '@agent-ci/core/untrusted'
import Anthropic from '@anthropic-ai/sdk'
import { type Answer, agentFailed, failed, readUsage, stopped } from './answer.ts'
import { conversationOf } from './anthropic-input.ts'
import { type AgentDeps, trialKey } from './deps.ts'
import { failureOfStatus, retryAfterMs } from './http-status.ts'
import { Slots } from './slots.ts'
import { stubbedResult, toolsOf } from './stubbed-tools.ts'

type AnthropicConfig = AgentConfigOf<'anthropic'>

/** The longest delay of a timer; the SDK has no way to say "none", and time limits are the caller's. */
const NO_TIMEOUT_MS = 2 ** 31 - 1

/** A model behind the Messages API, with a system prompt and tools whose results are given. */
export async function anthropicAgent(config: AnthropicConfig, deps: AgentDeps): Promise<Agent> {
  const system = await systemPrompt(config.system, deps)
  const clients = Array.from({ length: deps.concurrency }, (_, worker) => worker).map((worker) =>
    clientOf(config, deps, worker),
  )
  const slots = new Slots(deps.concurrency)
  return {
    description: `anthropic ${config.model}`,
    run: async (request) => {
      const slot = await slots.take(request.signal)
      if (slot === undefined) return { ...stopped(request.signal), latencyMs: 0, attempts: 1 }
      deps.onTrial?.(slot, trialKey(request))
      const startedAt = deps.now()
      const answer = await converse(clients[slot]!, config, system, request)
      const latencyMs = deps.now() - startedAt
      deps.onTrial?.(slot, null)
      slots.giveBack(slot)
      return { ...answer, latencyMs, attempts: 1 }
    },
    close: async () => {},
  }
}

/** The text itself, or for `file:<path>` the prompt under test with that path, else the file. */
export async function systemPrompt(
  system: string | undefined,
  deps: Pick<AgentDeps, 'prompts' | 'cwd'>,
): Promise<string | undefined> {
  if (!system?.startsWith('file:')) return system
  const path = system.slice('file:'.length).trim()
  const given = deps.prompts?.[path]
  if (given !== undefined) return given
  try {
    return await readFile(resolve(deps.cwd, path), 'utf8')
  } catch (error) {
    throw new ConfigurationError({
      what: `agent.system is ${JSON.stringify(system)}`,
      why: `The file cannot be read: ${messageOf(error)}`,
      mend: 'Write file: and a path relative to the working directory, or the prompt itself',
    })
  }
}

const isLoopback = (url: string | undefined): boolean =>
  url !== undefined && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(new URL(url).hostname)

function clientOf(config: AnthropicConfig, deps: AgentDeps, worker: number): Anthropic {
  const baseURL =
    deps.workerEnv?.(worker).ANTHROPIC_BASE_URL ?? config.base_url ?? (deps.env.ANTHROPIC_BASE_URL || undefined)
  const apiKey = deps.env.ANTHROPIC_API_KEY
  if (!apiKey && !isLoopback(baseURL)) {
    throw new ConfigurationError({
      what: 'ANTHROPIC_API_KEY is not set',
      why: `The agent anthropic:${config.model} calls ${baseURL ?? 'https://api.anthropic.com'}`,
      mend: `Set it on the step, env: { ANTHROPIC_API_KEY: \${{ secrets.ANTHROPIC_API_KEY }} }, or replay recorded responses`,
    })
  }
  return new Anthropic({
    apiKey: apiKey || 'none',
    // Undefined would make the SDK read the process's environment.
    baseURL: baseURL ?? 'https://api.anthropic.com',
    maxRetries: 0,
    timeout: NO_TIMEOUT_MS,
    logLevel: 'off',
  })
}

/** A request of the Messages API, without tools. */
export const bodyOf = (
  config: AnthropicConfig,
  model: string | undefined,
  system: string | undefined,
  messages: Anthropic.MessageParam[],
): Anthropic.MessageCreateParamsNonStreaming => ({
  model: model ?? config.model,
  max_tokens: config.max_tokens,
  messages,
  ...(system !== undefined && { system }),
  // Models before Claude Opus 4.7 take it; the SDK's types no longer name it.
  ...(config.temperature !== undefined && { temperature: config.temperature }),
})

/** What the model said. */
export const textOf = (message: Anthropic.Message): string =>
  message.content.map((block) => (block.type === 'text' ? block.text : '')).join('')

/** Calls the model until it asks for no more tools. */
async function converse(
  client: Anthropic,
  config: AnthropicConfig,
  configuredSystem: string | undefined,
  { example, model, signal }: AgentRequest,
): Promise<Answer> {
  const { system, messages } = conversationOf(example.input, configuredSystem)
  const tools = toolsOf(config.tools)
  const toolCalls: ToolCall[] = []
  let usage: Usage = {}
  try {
    for (let round = 0; ; round++) {
      const body = { ...bodyOf(config, model, system, messages), ...(tools.length > 0 && { tools }) }
      // messages.create() would warn on the console at every call of a model that is about to be retired.
      const message = await client.post<Anthropic.Message>('/v1/messages', { body, signal })
      usage = sum(usage, { ...readUsage(message.usage as unknown as Json), model: message.model })
      const calls = message.content.filter((block) => block.type === 'tool_use')
      toolCalls.push(...calls.map(({ name, input }) => ({ name, args: input as JsonObject })))
      if (message.stop_reason !== 'tool_use') {
        return { output: untrusted(textOf(message)), toolCalls, usage }
      }
      if (round === config.max_tool_iterations) {
        const limit = `The model still asked for tools after ${round} rounds of them (max_tool_iterations)`
        return { ...agentFailed('exception', limit, usage), toolCalls }
      }
      messages.push(
        { role: 'assistant', content: message.content },
        { role: 'user', content: calls.map((call) => stubbedResult(config.tools, call)) },
      )
    }
  } catch (error) {
    return signal.aborted ? { ...stopped(signal), usage } : failureOf(error, usage)
  }
}

const add = (a: number | undefined, b: number | undefined) => (a === undefined ? b : a + (b ?? 0))

function sum(a: Usage, b: Usage): Usage {
  const inputTokens = add(a.inputTokens, b.inputTokens)
  const outputTokens = add(a.outputTokens, b.outputTokens)
  return {
    ...a,
    ...b,
    ...(inputTokens !== undefined && { inputTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
  }
}

function failureOf(error: unknown, usage: Usage): Answer {
  if (error instanceof Anthropic.APIConnectionError) {
    const cause = error.cause instanceof Error ? ` (${error.cause.message})` : ''
    const message = `The Messages API could not be reached, or the connection broke: ${error.message}${cause}`
    return failed({ of: 'infrastructure', kind: 'network', message, retryable: true }, usage)
  }
  if (error instanceof Anthropic.APIError && error.status !== undefined) {
    const wait = retryAfterMs(error.headers?.get('retry-after'), error.headers?.get('date'))
    return failed(
      {
        ...failureOfStatus(error.status),
        // Here the one who was refused is our configuration, not an agent's answer.
        of: 'infrastructure',
        message: `The Messages API refused the call: ${error.message}`,
        ...(wait !== undefined && { retryAfterMs: wait }),
      },
      usage,
    )
  }
  const message = `The Messages API sent what cannot be read: ${messageOf(error)}`
  return failed({ of: 'infrastructure', kind: 'protocol', message, retryable: false }, usage)
}
