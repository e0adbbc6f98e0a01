import { DEFAULT_RULES, type EmptyMetric, type LatencyMetric, type Metric, type ValueMetric } from '../metric.ts'
import { formatSelector } from '../prometheus/selector.ts'
import { errorRateOf, exposureOf, latencyOf } from './http.ts'
import type { Mapping } from './names.ts'
import { podMetrics } from './pods.ts'

/** Dotted names come with dotted labels. */
const labelOf = (metric: string, otel: string): string => (metric.includes('.') ? otel : otel.replaceAll('.', '_'))

const quoteIfDotted = (label: string): string => (label.includes('.') ? `"${label}"` : label)

/** `name{$c,more}` with the template's own place for the arm. */
function template(metric: string, place: string, more = ''): string {
  const inside = more === '' ? place : `${place},${more}`
  return metric.includes('.') ? formatSelector(metric, []).replace('}', `,${inside}}`) : `${metric}{${inside}}`
}

const shared = {
  ...DEFAULT_RULES,
  minSamples: 30,
  windowMs: 300_000,
  // What an agent does not do or expose decides nothing; what it is required to expose is in the error rate and the latency.
  onNoData: 'pass',
  onInsufficient: 'pass',
} as const

const increase = (selector: string): string => `sum(increase(${selector}[$w]))`

/** 0 where nothing happened, empty where there was no request. */
const perRequest = (numerator: string, requests: string): string =>
  `(${numerator} or vector(0)) / (${increase(template(`${requests}_count`, 'selector'))} > 0)`

/** Tokens by model and type: the histogram's sum, or the counter that takes its place. */
const tokenSeries = (mapping: Mapping): string | undefined => {
  const histogram = mapping.get('tokens')
  return histogram === undefined ? mapping.get('tokens counted') : `${histogram}_sum`
}

function value(
  requests: string,
  metric: Pick<ValueMetric, 'name' | 'unit' | 'query' | 'limits' | 'onViolation'> & Partial<ValueMetric>,
): ValueMetric {
  const samples = `${increase(template(`${requests}_count`, 'selector'))} or vector(0)`
  return { ...shared, kind: 'value', samples, ...metric }
}

function costMetrics(mapping: Mapping, requests: string): Metric[] {
  const tokens = tokenSeries(mapping)
  const prices = mapping.get('prices')
  if (tokens === undefined || prices === undefined) return []
  const by = ['gen_ai.request.model', 'gen_ai.token.type']
    .map((label) => quoteIfDotted(labelOf(tokens, label)))
    .join(',')
  const used = (place: string) => `sum by (${by})(increase(${template(tokens, place)}[$w]))`
  return [
    value(requests, {
      name: 'cost-per-request',
      unit: 'USD',
      query: `sum(${used('selector')} * on (${by}) ${prices}) / (${increase(template(`${requests}_count`, 'selector'))} > 0)`,
      limits: { maxRatio: 1.2 },
      onViolation: 'inconclusive',
    }),
    value(requests, {
      name: 'spend',
      unit: 'USD',
      // The canary's pods are new: what their counters show is what this release has cost so far.
      query: `sum(sum by (${by})(${template(tokens, '$c')}) * on (${by}) ${prices})`,
      samples: undefined,
      limits: {},
      dryRun: true,
      onViolation: 'fail',
    }),
    {
      ...shared,
      kind: 'empty',
      name: 'unpriced-models',
      unit: 'model',
      // Usage without a price silently vanishes from the cost.
      query: `(${used('$c')} > 0) unless on (${by}) ${prices}`,
      evidence: `count(${template(tokens, '$c')})`,
      finding: 'tokens of models without a price in llm_price_usd_per_token',
      onViolation: 'inconclusive',
    },
  ]
}

function toolMetrics(mapping: Mapping): Metric[] {
  const tools = mapping.get('tool calls')
  if (tools === undefined) return []
  const runs = mapping.get('agent runs') ?? mapping.get('workflows')
  const calls = `${tools}_count`
  return [
    {
      ...shared,
      kind: 'counterRatio',
      name: 'tool-error-rate',
      unit: 'tool call',
      counts: {
        from: 'labels',
        total: template(calls, 'selector'),
        bad: { label: labelOf(calls, 'error.type'), pattern: '.+' },
      },
      limits: {},
      onViolation: 'fail',
    },
    ...(runs === undefined
      ? []
      : [
          value(runs, {
            name: 'tool-calls-per-run',
            unit: 'calls',
            query: perRequest(increase(template(calls, 'selector')), runs),
            limits: { maxRatio: 1.5 },
            onViolation: 'inconclusive',
          }),
        ]),
  ]
}

function tokenMetrics(mapping: Mapping, requests: string): Metric[] {
  const tokens = tokenSeries(mapping)
  const counted = mapping.get('output tokens counted')
  const type = tokens === undefined ? '' : `${quoteIfDotted(labelOf(tokens, 'gen_ai.token.type'))}="output"`
  const series = tokens === undefined ? counted && template(counted, 'selector') : template(tokens, 'selector', type)
  if (series === undefined) return []
  return [
    value(requests, {
      name: 'output-tokens-per-request',
      unit: 'tokens',
      // Divided by requests: a token histogram's own count has one entry a token type.
      query: perRequest(increase(series), requests),
      limits: { maxRatio: 1.5 },
      onViolation: 'inconclusive',
    }),
  ]
}

function modelDrift(requests: string): EmptyMetric {
  const count = `${requests}_count`
  const label = quoteIfDotted(labelOf(requests, 'gen_ai.response.model'))
  const models = (place: string) => `count by (${label})(${template(count, place, `${label}!=""`)})`
  return {
    ...shared,
    kind: 'empty',
    name: 'model-drift',
    unit: 'model',
    query: `${models('$c')} unless on (${label}) ${models('$s')}`,
    // Without a model of stable's, every model would look new.
    evidence: `count(${models('$c')}) and count(${models('$s')})`,
    finding: 'models answer for the canary that stable does not use',
    onViolation: 'inconclusive',
  }
}

function timeToFirstToken(mapping: Mapping): LatencyMetric[] {
  const histogram = mapping.get('time to first token')
  if (histogram === undefined) return []
  return [
    {
      ...shared,
      kind: 'latency',
      name: 'time-to-first-token',
      unit: 'request',
      buckets: template(`${histogram}_bucket`, 'selector'),
      quantiles: [{ q: 0.95, limits: { maxRatio: 1.25 } }],
      onViolation: 'fail',
    },
  ]
}

/** The metrics of the pack `genai`. The error rate is counted on sessions (workflows, agent runs) where they are measured, else on model calls. */
export function genaiMetrics(mapping: Mapping): Metric[] {
  const requests = mapping.get('requests')!
  const sessions = mapping.get('workflows') ?? mapping.get('agent runs')
  const counted = `${sessions ?? requests}_count`
  return [
    errorRateOf(sessions === undefined ? 'request' : 'session', {
      from: 'labels',
      total: template(counted, 'selector'),
      bad: { label: labelOf(counted, 'error.type'), pattern: '.+' },
    }),
    latencyOf(template(`${requests}_bucket`, 'selector')),
    ...toolMetrics(mapping),
    ...tokenMetrics(mapping, requests),
    ...costMetrics(mapping, requests),
    ...timeToFirstToken(mapping),
    modelDrift(requests),
    exposureOf((place) => template(`${requests}_count`, place)),
    ...podMetrics(mapping),
  ]
}
