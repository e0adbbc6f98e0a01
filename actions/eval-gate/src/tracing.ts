import type { Agent } from '@agent-ci/core/agent'
import { optional } from '@agent-ci/core/config/setting-reader'
import type { Example } from '@agent-ci/core/example'
import type { Host } from '@agent-ci/core/host'
import type { Results } from '@agent-ci/core/results'
import type { Trial } from '@agent-ci/core/trial'
import { trialKey } from '@agent-ci/evaluation/agents/deps'
import type { GatewayEvent } from '@agent-ci/gateway/events'
import { SpanExporter } from '@agent-ci/notify/otlp-exporter'
import type { OtlpTarget } from '@agent-ci/notify/otlp-target'
import { exportRequest } from '@agent-ci/reporting/otlp/json'
import type { Span } from '@agent-ci/reporting/otlp/span'
import { type ModelCall, ownCallSpan, runSpan, type TracedRun, trialSpans } from '@agent-ci/reporting/otlp/trial-spans'
import { workflowRun } from './evaluated-parts.ts'

type Answered = Extract<GatewayEvent, { type: 'answered' }>

/** A run as spans, sent while it goes on. */
export interface Tracing {
  /** The agent with its time taken. */
  timed(agent: Agent): Agent
  /** The gateway answered a call. */
  answered(event: Answered): void
  trial(trial: Trial, example: Example): void
  /** Resolves when all was sent, or nothing more can be. */
  end(results: Results): Promise<void>
}

const callOf = (event: Answered, endMs: number): ModelCall => {
  const { answer, source, endpoint } = event
  const { tokens } = answer
  return {
    provider: event.protocol,
    operation: endpoint === 'embeddings' ? 'embeddings' : 'chat',
    ...optional('requestModel', event.requestModel ?? undefined),
    ...optional('responseModel', answer.model),
    ...(tokens && {
      inputTokens: tokens.input + tokens.cacheRead + tokens.cacheWrite + tokens.cacheWriteLong,
      outputTokens: tokens.output,
      cacheReadTokens: tokens.cacheRead,
      cacheWriteTokens: tokens.cacheWrite + tokens.cacheWriteLong,
    }),
    toolCalls: answer.toolCalls,
    status: event.status,
    ...optional('costUsd', event.costUsd ?? undefined),
    replayed: source === 'replayed',
    // A recorded answer came at once, whatever time it took then.
    startMs: source === 'replayed' ? endMs : endMs - event.latencyMs,
    endMs,
  }
}

/** Starts to trace a run. */
export function openTracing(target: OtlpTarget, run: Omit<TracedRun, 'content'>, host: Host): Tracing {
  const traced: TracedRun = { ...run, content: target.content }
  const exporter = new SpanExporter<Span>(target, (spans) => exportRequest(spans, target.resource), host)
  const times = new Map<string, { startMs: number; endMs: number }>()
  const calls = new Map<string, ModelCall[]>()
  const nowMs = () => host.date().getTime()
  let ownCalls = 0
  return {
    timed: (agent) => ({
      description: agent.description,
      close: () => agent.close(),
      run: async (request) => {
        const startMs = nowMs()
        const reply = await agent.run(request)
        times.set(trialKey(request), { startMs, endMs: nowMs() })
        return reply
      },
    }),
    answered: (event) => {
      if (event.endpoint === 'count_tokens') return
      const call = callOf(event, nowMs())
      if (event.own) {
        exporter.add([ownCallSpan(traced, call, ownCalls++)])
        return
      }
      const key = `${event.trial.example}#${event.trial.repeat}`
      calls.set(key, [...(calls.get(key) ?? []), call])
    },
    trial: (trial, example) => {
      const key = `${trial.exampleId}#${trial.repeat}`
      const time = times.get(key) ?? { startMs: Date.parse(trial.startedAt), endMs: nowMs() }
      exporter.add(trialSpans(traced, trial, example, calls.get(key) ?? [], time))
      times.delete(key)
      calls.delete(key)
    },
    end: async (results) => {
      const workflow = workflowRun(host.env)
      const attributes = workflow
        ? {
            'cicd.pipeline.run.id': workflow.id,
            'cicd.pipeline.run.url.full': workflow.url,
            'vcs.ref.head.revision': workflow.sha ?? undefined,
          }
        : {}
      exporter.add([runSpan(traced, results, attributes)])
      await exporter.flush()
    },
  }
}
