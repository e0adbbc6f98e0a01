import type { Example } from '@agent-ci/core/example'
import type { Json } from '@agent-ci/core/json'
import type { ToolCall } from '@agent-ci/core/reply'
import type { Results } from '@agent-ci/core/results'
import type { Score } from '@agent-ci/core/score'
import type { Trial } from '@agent-ci/core/trial'
import { cut } from '@agent-ci/core/untrusted'
import { chatMessages, inputText } from '../wording.ts'
import { type Attributes, type Span, type SpanEvent, spanIdOf, trialSpanId } from './span.ts'

/** A model call that the gateway answered or handed on. */
export interface ModelCall {
  readonly provider: string
  readonly operation: 'chat' | 'embeddings'
  readonly requestModel?: string
  readonly responseModel?: string
  readonly inputTokens?: number
  readonly outputTokens?: number
  readonly cacheReadTokens?: number
  readonly cacheWriteTokens?: number
  readonly toolCalls: readonly ToolCall[]
  readonly status: number
  readonly costUsd?: number
  readonly replayed: boolean
  readonly startMs: number
  readonly endMs: number
}

export interface TracedRun {
  readonly traceId: string
  /** As the evaluation describes it. */
  readonly agent: string
  readonly model?: string
  /** Whether texts are sent: inputs, outputs, arguments, explanations. */
  readonly content: boolean
}

/** Receivers take spans of a few hundred kilobytes; a text is for reading. */
const LONGEST_TEXT = 20_000

const runSpanId = (traceId: string): string => spanIdOf(traceId, 'run')

/** Messages in the form of the GenAI conventions (`gen_ai.input.messages`). */
const messages = (list: readonly { readonly role: string; readonly content: string }[]): string =>
  JSON.stringify(
    list.map(({ role, content }) => ({ role, parts: [{ type: 'text', content: cut(content, LONGEST_TEXT) }] })),
  )

const inputMessages = (input: Json): string =>
  messages(chatMessages(input) ?? [{ role: 'user', content: inputText(input) }])

function scoreEvent({ scorer, value, passed, reason }: Score, timeMs: number, content: boolean): SpanEvent {
  return {
    name: 'gen_ai.evaluation.result',
    timeMs,
    attributes: {
      'gen_ai.evaluation.name': scorer,
      'gen_ai.evaluation.score.value': value ?? undefined,
      'gen_ai.evaluation.score.label': passed === null ? undefined : passed ? 'pass' : 'fail',
      'gen_ai.evaluation.explanation': content ? cut(reason, LONGEST_TEXT) : undefined,
      'error.type': passed === null ? 'not_scored' : undefined,
    },
  }
}

function callSpan(run: TracedRun, parentSpanId: string, call: ModelCall, ...names: readonly (string | number)[]): Span {
  const { traceId } = run
  const { operation, requestModel, responseModel, status } = call
  const model = requestModel ?? responseModel
  const failed = status >= 400
  return {
    traceId,
    spanId: spanIdOf(traceId, ...names),
    parentSpanId,
    name: model === undefined ? operation : `${operation} ${model}`,
    kind: 'client',
    startMs: call.startMs,
    endMs: call.endMs,
    attributes: {
      'gen_ai.operation.name': operation,
      'gen_ai.provider.name': call.provider,
      'gen_ai.request.model': requestModel,
      'gen_ai.response.model': responseModel,
      'gen_ai.usage.input_tokens': call.inputTokens,
      'gen_ai.usage.output_tokens': call.outputTokens,
      'gen_ai.usage.cache_read.input_tokens': call.cacheReadTokens,
      'gen_ai.usage.cache_creation.input_tokens': call.cacheWriteTokens,
      'http.response.status_code': status,
      'error.type': failed ? String(status) : undefined,
      'agent_ci.cost_usd': call.costUsd,
      'agent_ci.replayed': call.replayed,
    },
    error: failed,
  }
}

interface ToolTime {
  readonly call: ToolCall
  readonly startMs: number
  readonly endMs: number
}

/** A tool runs between the answer that asks for it and the next call; where the gateway saw none, nobody knows when. */
function toolTimes(calls: readonly ModelCall[], reported: readonly ToolCall[] | null, endMs: number): ToolTime[] {
  const seen = calls.flatMap(({ toolCalls, endMs: asked }, i) =>
    toolCalls.map((call) => ({ call, startMs: asked, endMs: Math.max(asked, calls[i + 1]?.startMs ?? endMs) })),
  )
  return seen.length > 0 ? seen : (reported ?? []).map((call) => ({ call, startMs: endMs, endMs }))
}

/** A trial: the agent's invocation with its scores, the model calls that the gateway saw of it, and its tool calls. */
export function trialSpans(
  run: TracedRun,
  trial: Trial,
  example: Example,
  calls: readonly ModelCall[],
  time: { readonly startMs: number; readonly endMs: number },
): Span[] {
  const { traceId, content } = run
  const { reply, scores } = trial
  const { failure, usage } = reply
  const names = [trial.exampleId, trial.repeat] as const
  const spanId = trialSpanId(traceId, ...names)
  const attributes: Attributes = {
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.name': cut(run.agent, 200),
    'gen_ai.request.model': run.model,
    'gen_ai.response.model': usage.model,
    'gen_ai.usage.input_tokens': usage.inputTokens,
    'gen_ai.usage.output_tokens': usage.outputTokens,
    'gen_ai.input.messages': content ? inputMessages(example.input) : undefined,
    'gen_ai.output.messages': content ? messages([{ role: 'assistant', content: reply.output }]) : undefined,
    'error.type': failure?.kind,
    'agent_ci.error.message': content && failure ? cut(failure.message, LONGEST_TEXT) : undefined,
    'agent_ci.example.id': trial.exampleId,
    'agent_ci.example.tags': example.tags.length > 0 ? example.tags : undefined,
    'agent_ci.example.critical': example.critical || undefined,
    'agent_ci.repeat': trial.repeat,
    'agent_ci.outcome': trial.outcome,
    'agent_ci.latency_ms': reply.batched ? undefined : reply.latencyMs,
    'agent_ci.attempts': reply.attempts,
    'agent_ci.cost_usd': usage.costUsd,
    'agent_ci.replayed': reply.replayed ?? false,
  }
  const tools = toolTimes(calls, reply.toolCalls, time.endMs).map(
    ({ call, startMs, endMs }, i): Span => ({
      traceId,
      spanId: spanIdOf(traceId, 'tool', ...names, i),
      parentSpanId: spanId,
      name: `execute_tool ${cut(call.name, 200)}`,
      kind: 'internal',
      startMs,
      endMs,
      attributes: {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': cut(call.name, 200),
        'gen_ai.tool.type': 'function',
        'gen_ai.tool.call.arguments': content ? cut(JSON.stringify(call.args), LONGEST_TEXT) : undefined,
      },
    }),
  )
  return [
    {
      traceId,
      spanId,
      parentSpanId: runSpanId(traceId),
      name: `invoke_agent ${cut(run.agent, 200)}`,
      kind: 'internal',
      ...time,
      attributes,
      events: scores.map((score) => scoreEvent(score, time.endMs, content)),
      error: failure !== undefined,
    },
    ...calls.map((call, i) => callSpan(run, spanId, call, 'call', ...names, i)),
    ...tools,
  ]
}

/** A call of the evaluation's own, such as a judge's. */
export const ownCallSpan = (run: TracedRun, call: ModelCall, count: number): Span =>
  callSpan(run, runSpanId(run.traceId), call, 'own', count)

/** The evaluation as a whole, under which the trials are. */
export function runSpan(run: TracedRun, results: Results, workflow: Attributes): Span {
  const { traceId } = run
  const { dataset, verdict, started_at, finished_at } = results
  return {
    traceId,
    spanId: runSpanId(traceId),
    name: `evaluate ${cut(dataset.name, 200)}`,
    kind: 'internal',
    startMs: Date.parse(started_at),
    endMs: Date.parse(finished_at),
    attributes: {
      ...workflow,
      'agent_ci.verdict': verdict,
      'agent_ci.dataset.name': dataset.name,
      'agent_ci.dataset.digest': dataset.digest,
      'agent_ci.accuracy': results.accuracy ?? undefined,
      'agent_ci.tool_accuracy': results.tool_accuracy ?? undefined,
      'agent_ci.coverage': results.coverage,
      'agent_ci.trials.planned': results.counts.planned,
      'agent_ci.trials.measured': results.counts.measured,
      'agent_ci.cost_usd': results.cost_usd ?? undefined,
      'agent_ci.seed': results.seed,
      'gen_ai.request.model': run.model,
    },
    error: verdict === 'errored',
  }
}
