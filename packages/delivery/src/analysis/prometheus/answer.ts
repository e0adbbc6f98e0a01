import { cut } from '@agent-ci/core/untrusted'
import * as z from 'zod'
import { PrometheusError } from './failure.ts'

export interface Sample {
  /** Epoch milliseconds on the server's clock. */
  readonly atMs: number
  /** May be NaN or infinite. */
  readonly value: number
}

export interface Series {
  readonly labels: Readonly<Record<string, string>>
  /** In the order of time; one for an instant query. */
  readonly samples: readonly Sample[]
  /** Its samples are native histograms, which are no numbers. */
  readonly native: boolean
}

export interface Answer {
  readonly series: readonly Series[]
  /** What an answer says beside its data and that does not make it partial. */
  readonly infos: readonly string[]
  /** What makes an answer partial. */
  readonly warnings: readonly string[]
}

/** What an HTTP API answers with status 2xx; errors have their own form. */
export const payloadSchema = z.object({
  status: z.literal('success'),
  data: z.unknown(),
  warnings: z.array(z.string()).nullish(),
  infos: z.array(z.string()).nullish(),
})
export type Payload = z.infer<typeof payloadSchema>

export const errorPayloadSchema = z.object({
  status: z.literal('error'),
  errorType: z.string().default('unknown'),
  error: z.string().default(''),
})

const point = z.tuple([z.number(), z.string()])
const labels = z.record(z.string(), z.string())
const histogram = z.tuple([z.number(), z.unknown()])

const resultSchema = z.discriminatedUnion('resultType', [
  z.object({
    resultType: z.literal('vector'),
    result: z.array(z.object({ metric: labels, value: point.optional(), histogram: histogram.optional() })),
  }),
  z.object({
    resultType: z.literal('matrix'),
    result: z.array(
      z.object({ metric: labels, values: z.array(point).optional(), histograms: z.array(histogram).optional() }),
    ),
  }),
  z.object({ resultType: z.literal('scalar'), result: point }),
  z.object({ resultType: z.literal('string'), result: point }),
])

const SPECIAL: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  '+Inf': Number.POSITIVE_INFINITY,
  Inf: Number.POSITIVE_INFINITY,
  '-Inf': Number.NEGATIVE_INFINITY,
}

function parseSample([seconds, text]: readonly [number, string]): Sample {
  const value = SPECIAL[text] ?? (text.trim() === '' ? Number.NaN : Number(text))
  if (Number.isNaN(value) && text !== 'NaN') {
    throw new PrometheusError(
      'query',
      `Prometheus answered a sample that is no number: ${JSON.stringify(cut(text, 40))}`,
    )
  }
  return { atMs: Math.round(seconds * 1_000), value }
}

/** Older servers put their infos among the warnings, with this prefix. */
const isInfo = (text: string): boolean => text.startsWith('PromQL info')

/** What a server says beside its data. */
export function remarksOf(payload: Payload): Pick<Answer, 'infos' | 'warnings'> {
  const all = payload.warnings ?? []
  return {
    warnings: all.filter((text) => !isInfo(text)),
    infos: [...(payload.infos ?? []), ...all.filter(isInfo)],
  }
}

/** The shape that a query must answer: one sample a series now, or all samples of a range selector. */
export type Shape = 'instant' | 'range'

/** Reads the data of a query. Throws {@link PrometheusError} for another shape than the expected one. */
export function parseAnswer(payload: Payload, shape: Shape): Answer {
  const parsed = resultSchema.safeParse(payload.data)
  if (!parsed.success) {
    throw new PrometheusError('http', 'The answer is JSON, but not the result of a Prometheus query')
  }
  const { data } = parsed
  const remarks = remarksOf(payload)
  if (data.resultType === 'vector' && shape === 'instant') {
    return {
      ...remarks,
      series: data.result.map(({ metric, value, histogram: native }) => ({
        labels: metric,
        samples: value ? [parseSample(value)] : [],
        native: native !== undefined,
      })),
    }
  }
  if (data.resultType === 'scalar' && shape === 'instant') {
    return { ...remarks, series: [{ labels: {}, samples: [parseSample(data.result)], native: false }] }
  }
  if (data.resultType === 'matrix' && shape === 'range') {
    return {
      ...remarks,
      series: data.result.map(({ metric, values, histograms }) => ({
        labels: metric,
        samples: (values ?? []).map(parseSample),
        native: (histograms ?? []).length > 0,
      })),
    }
  }
  const expected = shape === 'instant' ? 'a number or an instant vector' : 'a range vector'
  throw new PrometheusError('query', `The query answers a ${data.resultType}; expected ${expected}`)
}
