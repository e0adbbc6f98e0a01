import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'
import type { Failure, Reply, Usage } from '@agent-ci/core/reply'
import { cut, untrusted } from '@agent-ci/core/untrusted'
import { Breach, callsOf, isNestedDeeper, MOST_NESTED, readSteps, readToolCalls } from '../tool-calls.ts'

/** A reply without what the caller measures. */
export type Answer = Pick<Reply, 'output' | 'toolCalls' | 'trajectory' | 'usage' | 'failure'>

/** No answer, and why. */
export const failed = (
  failure: Omit<Failure, 'message'> & { readonly message: string },
  usage: Usage = {},
): Answer => ({
  output: untrusted(''),
  toolCalls: null,
  usage,
  failure: { ...failure, message: untrusted(failure.message) },
})

/** The agent's own failure: a wrong answer. */
export const agentFailed = (kind: Failure['kind'], message: string, usage?: Usage): Answer =>
  failed({ of: 'agent', kind, message, retryable: false }, usage)

/** Of a trial whose signal was aborted. A reason with the name `TimeoutError` makes it a timeout. */
export function stopped(signal: AbortSignal, context = ''): Answer {
  const { name, message } = Object(signal.reason) as { name?: unknown; message?: unknown }
  const kind = name === 'TimeoutError' ? 'timeout' : 'aborted'
  const why = typeof message === 'string' ? message : String(signal.reason)
  return failed({ of: 'infrastructure', kind, message: `${why}${context}`, retryable: false })
}

/** Of a trial that was running, or about to, when its agent was closed. */
export const closed = (): Answer =>
  failed({ of: 'infrastructure', kind: 'aborted', message: 'The agent was closed', retryable: false })

/** The start of what came, for a message. */
export const excerpt = (text: string): string => (text === '' ? 'nothing' : cut(text, 200))

/** Where in a reply its parts lie: keys and array indices. */
export interface Places {
  readonly output: readonly string[]
  readonly toolCalls: readonly string[]
  readonly usage: readonly string[]
}

export const PLACES: Places = { output: ['output'], toolCalls: ['tool_calls'], usage: ['usage'] }

function valueAt(value: Json, place: readonly string[]): Json | undefined {
  let inner: Json | undefined = value
  for (const key of place) {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, key)) return undefined
    inner = (inner as JsonObject)[key]
  }
  return inner
}

const asText = (value: Json): string => {
  if (typeof value === 'string') return value
  if (isNestedDeeper(value, MOST_NESTED)) throw new Breach(`the output is nested more than ${MOST_NESTED} levels deep`)
  return JSON.stringify(value)
}

/** A count or an amount; null, as some servers write for "unknown", counts as not reported. */
function amountOf(usage: JsonObject, ...names: readonly string[]): number | undefined {
  const name = names.find((candidate) => usage[candidate] !== undefined && usage[candidate] !== null)
  if (name === undefined) return undefined
  const value = usage[name]
  if (typeof value !== 'number' || !(value >= 0)) throw new Breach(`usage.${name} is not a number of at least 0`)
  return value
}

/**
 * Reads `{input_tokens, output_tokens, cost_usd, model}`, or the names of OpenAI's API. The cached tokens that Anthropic's API counts
 * apart from `input_tokens` are added to them.
 */
export function readUsage(usage: Json | undefined): Usage {
  if (usage === undefined || usage === null) return {}
  if (!isJsonObject(usage)) throw new Breach('usage is not an object')
  const input = amountOf(usage, 'input_tokens', 'prompt_tokens')
  const cached =
    (amountOf(usage, 'cache_read_input_tokens') ?? 0) + (amountOf(usage, 'cache_creation_input_tokens') ?? 0)
  const outputTokens = amountOf(usage, 'output_tokens', 'completion_tokens')
  const costUsd = amountOf(usage, 'cost_usd')
  return {
    ...(input !== undefined && { inputTokens: input + cached }),
    ...(outputTokens !== undefined && { outputTokens }),
    ...(costUsd !== undefined && { costUsd }),
    ...(typeof usage.model === 'string' && { model: usage.model }),
  }
}

/** What an infrastructure error in a reply may be called. */
const REPORTED_KINDS = ['unavailable', 'rate-limit', 'network', 'timeout', 'refused'] as const

/**
 * An `error` in a reply. A text, or an object without `type: infrastructure`, is the agent's own failure; an infrastructure error may
 * say its `kind`, whether it is `retryable` (true unless it was refused), and `retry_after_ms`.
 */
function readError(error: Json, usage: Usage): Answer {
  const { type, message, kind, retryable, retry_after_ms } = isJsonObject(error) ? error : {}
  const text = typeof message === 'string' ? message : asText(error)
  if (type !== 'infrastructure') return agentFailed('exception', text, usage)
  const known = REPORTED_KINDS.find((candidate) => candidate === kind) ?? 'unavailable'
  return failed(
    {
      of: 'infrastructure',
      kind: known,
      message: text,
      retryable: typeof retryable === 'boolean' ? retryable : known !== 'refused',
      ...(typeof retry_after_ms === 'number' && retry_after_ms >= 0 && { retryAfterMs: retry_after_ms }),
    },
    usage,
  )
}

/** Whether an object is written as a reply, where nothing promised that it would be. */
export const isReply = (value: unknown): value is JsonObject => isJsonObject(value) && Object.hasOwn(value, 'output')

/**
 * Reads a reply `{"output", "tool_calls", "usage"}` or `{"error"}`; what breaks that contract is the agent's failure.
 * @param text the reply as it came, for the message
 */
export function readAnswer(reply: Json, text: string, places: Places = PLACES): Answer {
  try {
    const usage = readUsage(valueAt(reply, places.usage))
    const error = isJsonObject(reply) ? reply.error : undefined
    if (error !== undefined && error !== null && error !== false && error !== '') return readError(error, usage)
    const output = valueAt(reply, places.output)
    if (output === undefined || output === null) throw new Breach(`it has no ${places.output.join('.')}`)
    const trajectory = isJsonObject(reply) ? readSteps(reply.messages) : undefined
    const toolCalls = readToolCalls(valueAt(reply, places.toolCalls)) ?? (trajectory ? callsOf(trajectory) : null)
    return { output: untrusted(asText(output)), toolCalls, usage, ...(trajectory && { trajectory }) }
  } catch (thrown) {
    if (!(thrown instanceof Breach)) throw thrown
    return agentFailed(
      'protocol',
      `The agent's reply cannot be read: ${thrown.message}. Expected {"${places.output.join('.')}": …, "tool_calls": [{"name", "args"}], "usage": {…}}; it began with: ${excerpt(text)}`,
    )
  }
}
