import { createHash } from 'node:crypto'

/** A value that is undefined is left out. */
export type Attributes = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

export interface SpanEvent {
  readonly name: string
  readonly timeMs: number
  readonly attributes: Attributes
}

/** A span as we make it: times in milliseconds since the epoch, perhaps with a fraction. */
export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: 'internal' | 'client'
  readonly startMs: number
  readonly endMs: number
  readonly attributes: Attributes
  readonly events?: readonly SpanEvent[]
  /** It failed. */
  readonly error?: boolean
}

/** The span of a trial, or of what else a name stands for, in a trace: 16 hex digits, the same wherever they are worked out. */
export const spanIdOf = (traceId: string, ...names: readonly (string | number)[]): string =>
  createHash('sha256')
    .update(JSON.stringify([traceId, ...names]))
    .digest('hex')
    .slice(0, 16)

/** The span of a trial. */
export const trialSpanId = (traceId: string, exampleId: string, repeat: number): string =>
  spanIdOf(traceId, 'trial', exampleId, repeat)

/** W3C Trace Context, version 00, sampled. */
export const traceparentOf = (traceId: string, spanId: string): string => `00-${traceId}-${spanId}-01`
