import type { AgentDeps } from '@agent-ci/evaluation/agents/deps'
import { traceparentOf, trialSpanId } from '@agent-ci/reporting/otlp/span'

/** The trace of a run, in which each trial has a span that the agent may go on from. */
export interface TraceContext {
  readonly traceId: string
  readonly spanIdOf: (exampleId: string, repeat: number) => string
  readonly traceparent: NonNullable<AgentDeps['traceparent']>
}

/** A new one. */
export function newTrace(random: () => number): TraceContext {
  const part = () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')
  // An id of zeros alone is none.
  const traceId = `${part()}${part()}${part()}${part().replace(/^0{8}$/, '00000001')}`
  const spanIdOf = (exampleId: string, repeat: number) => trialSpanId(traceId, exampleId, repeat)
  return {
    traceId,
    spanIdOf,
    traceparent: ({ example, repeat }) => traceparentOf(traceId, spanIdOf(example.id, repeat)),
  }
}
