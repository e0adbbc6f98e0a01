import {
  type BadLabel,
  type CountMetric,
  DEFAULT_RULES,
  type LatencyMetric,
  type Metric,
  type ValueMetric,
} from '../metric.ts'
import type { LogicalMetric, Mapping } from './names.ts'
import { podMetrics } from './pods.ts'

/** The guide's names first. */
export const HTTP_NAMES: readonly LogicalMetric[] = [
  {
    logical: 'requests',
    required: true,
    type: 'counter',
    spellings: [
      'agent_requests_total',
      'agent_requests',
      'http_requests_total',
      'http_server_request_duration_seconds_count',
      'http_request_duration_seconds_count',
    ],
  },
  {
    logical: 'duration',
    required: true,
    type: 'histogram',
    spellings: [
      'agent_request_duration_seconds',
      'http_server_request_duration_seconds',
      'http_request_duration_seconds',
    ],
  },
]

/** How a request's outcome is told, in order of preference. */
export const BAD_LABELS: readonly BadLabel[] = [
  { label: 'status', pattern: 'error|errors|failed|failure|timeout|5..' },
  { label: 'outcome', pattern: 'error|failed|failure|server_error|SERVER_ERROR' },
  { label: 'result', pattern: 'error|failed|failure' },
  { label: 'code', pattern: '5..' },
  { label: 'status_code', pattern: '5..' },
  { label: 'http_status_code', pattern: '5..' },
  { label: 'http_response_status_code', pattern: '5..' },
]

const WINDOW_MS = 300_000

/** The guide's thresholds: an error rate above 5 % is a violation, above 10 % a reason to go back at once. */
export const errorRateOf = (unit: string, counts: CountMetric['counts']): CountMetric => ({
  ...DEFAULT_RULES,
  kind: 'errorRate',
  name: 'error-rate',
  unit,
  onViolation: 'fail',
  minSamples: 30,
  windowMs: WINDOW_MS,
  counts,
  limits: { max: 0.05, brake: 0.1 },
})

/** The guide's thresholds, in seconds: p95 5, p99 10; a p95 above 30 goes back at once. */
export const latencyOf = (buckets: string): LatencyMetric => ({
  ...DEFAULT_RULES,
  kind: 'latency',
  name: 'latency',
  unit: 'request',
  onViolation: 'fail',
  minSamples: 30,
  windowMs: WINDOW_MS,
  buckets,
  quantiles: [
    { q: 0.5, limits: {} },
    { q: 0.95, limits: { max: 5, brake: 30 } },
    { q: 0.99, limits: { max: 10 } },
  ],
})

/** The canary's share of all requests, to be compared with its weight; shown, and no reason for anything. */
export function exposureOf(series: (place: string) => string): ValueMetric {
  const requests = (place: string) => `(sum(increase(${series(place)}[$w])) or vector(0))`
  return {
    ...DEFAULT_RULES,
    kind: 'value',
    name: 'exposure',
    unit: 'share',
    query: `${requests('$c')} / (${requests('$c')} + ${requests('$s')} > 0)`,
    samples: undefined,
    limits: {},
    onViolation: 'inconclusive',
    minSamples: 0,
    windowMs: WINDOW_MS,
    dryRun: true,
  }
}

/** The metrics of the pack `http`: what the guide's service exposes. */
export function httpMetrics(mapping: Mapping, bad: BadLabel): Metric[] {
  return [
    errorRateOf('request', { from: 'labels', total: `${mapping.get('requests')!}{selector}`, bad }),
    latencyOf(`${mapping.get('duration')!}_bucket{selector}`),
    exposureOf((place) => `${mapping.get('requests')!}{${place}}`),
    ...podMetrics(mapping),
  ]
}
