import type { Json } from '@agent-ci/core/json'
import { AGENT_CI_VERSION } from '@agent-ci/core/version'
import type { Attributes, Span } from './span.ts'

const KINDS = { internal: 1, client: 3 } as const
const STATUS_ERROR = 2

function anyValue(value: string | number | boolean | readonly string[]): Json {
  if (typeof value === 'string') return { stringValue: value.toWellFormed() }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
  return { arrayValue: { values: value.map(anyValue) } }
}

const keyValues = (attributes: Attributes): Json[] =>
  Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value: anyValue(value) }]))

/** Nanoseconds as text: they are larger than a number of JavaScript holds exactly. */
const nanos = (ms: number): string => String(BigInt(Math.round(ms * 1_000)) * 1_000n)

const spanJson = (span: Span): Json => ({
  traceId: span.traceId,
  spanId: span.spanId,
  ...(span.parentSpanId !== undefined && { parentSpanId: span.parentSpanId }),
  name: span.name.toWellFormed(),
  kind: KINDS[span.kind],
  startTimeUnixNano: nanos(span.startMs),
  endTimeUnixNano: nanos(Math.max(span.startMs, span.endMs)),
  attributes: keyValues(span.attributes),
  events: (span.events ?? []).map(({ name, timeMs, attributes }) => ({
    name,
    timeUnixNano: nanos(timeMs),
    attributes: keyValues(attributes),
  })),
  ...(span.error && { status: { code: STATUS_ERROR } }),
})

/**
 * The body of an OTLP/HTTP export in its JSON form (opentelemetry-proto, docs/specification.md, "JSON Protobuf Encoding": ids in hex, 64-bit
 * integers as text). Written here because OpenTelemetry's serializer brings 246 kB of protobuf code for these forty lines.
 */
export const exportRequest = (spans: readonly Span[], resource: Attributes): string =>
  JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: keyValues(resource) },
        scopeSpans: [{ scope: { name: 'agent-ci', version: AGENT_CI_VERSION }, spans: spans.map(spanJson) }],
      },
    ],
  })
