import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'

/** A span of somebody's file: data, and trusted with nothing. */
export interface FileSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly name: string
  /** Nanoseconds since the epoch. */
  readonly start: bigint
  readonly attributes: Readonly<Record<string, Json>>
}

const asArray = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : [])
const asText = (value: Json | undefined): string => (typeof value === 'string' ? value : '')

/** An OTLP AnyValue as JSON. */
function anyValue(value: Json | undefined): Json {
  if (!isJsonObject(value)) return null
  const { stringValue, boolValue, intValue, doubleValue, arrayValue, kvlistValue } = value
  if (intValue !== undefined) return Number(intValue)
  if (isJsonObject(arrayValue)) return asArray(arrayValue.values).map(anyValue)
  if (isJsonObject(kvlistValue)) return attributesOf(kvlistValue.values)
  return stringValue ?? boolValue ?? doubleValue ?? null
}

function attributesOf(list: Json | undefined): JsonObject {
  const entries = asArray(list).filter(isJsonObject)
  return Object.fromEntries(entries.map(({ key, value }) => [asText(key), anyValue(value)]))
}

/**
 * The spans of a line that the Collector's file exporter writes: one export of traces as OTLP/JSON. What is none of it is left out.
 */
export function spansOf(line: string): FileSpan[] {
  let data: unknown
  try {
    data = JSON.parse(line)
  } catch {
    return []
  }
  if (!isJsonObject(data)) return []
  const scopes = asArray(data.resourceSpans)
    .filter(isJsonObject)
    .flatMap(({ scopeSpans }) => asArray(scopeSpans).filter(isJsonObject))
  return scopes
    .flatMap(({ spans }) => asArray(spans).filter(isJsonObject))
    .map((span) => ({
      traceId: asText(span.traceId).toLowerCase(),
      spanId: asText(span.spanId).toLowerCase(),
      parentSpanId: asText(span.parentSpanId).toLowerCase(),
      name: asText(span.name),
      start: /^\d{1,20}$/.test(String(span.startTimeUnixNano)) ? BigInt(String(span.startTimeUnixNano)) : 0n,
      attributes: attributesOf(span.attributes),
    }))
}
