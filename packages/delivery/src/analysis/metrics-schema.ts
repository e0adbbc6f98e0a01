import * as z from 'zod'
import { ON_INSUFFICIENT, ON_NO_DATA, ON_VIOLATION } from './metric.ts'
import { PACKS } from './packs/detect.ts'

const text = z.string().min(1)
const duration = z.string().regex(/^\d/, 'Expected a duration such as 30s').describe('A duration: 500ms, 30s, 5m')
const limit = z
  .union([z.number(), z.string().regex(/^-?\d+(\.\d+)?%$/, 'Expected a number or a percentage')])
  .describe('A number (0.05) or a percentage (5%)')
const name = text.regex(/^[a-z][a-z0-9-]*$/, 'Expected small letters, digits and dashes').describe('Unique in the file')

const limits = {
  min: limit.optional(),
  max: limit.optional(),
  max_ratio: z.number().positive().optional().describe('Of canary / stable'),
  min_ratio: z.number().positive().optional().describe('Of canary / stable'),
  brake: limit.optional().describe('Above it the release goes back at once'),
}

const common = {
  name,
  unit: text.optional().describe('What one count is, or what the value is measured in'),
  interval: duration.optional().describe('Between checks; 30s'),
  initial_delay: duration.optional().describe('Before the first check; 0s'),
  count: z.int().min(1).optional().describe('Conclusive checks that decide; else the whole step is watched'),
  failure_limit: z.int().min(0).optional().describe('Failed checks that are borne; 0'),
  inconclusive_limit: z.int().min(0).optional().describe('Inconclusive checks that are borne; 0'),
  consecutive_error_limit: z.int().min(0).optional().describe('Errors in a row that are borne; 4'),
  on_no_data: z.enum(ON_NO_DATA).optional().describe('What a check without data means; inconclusive'),
  on_insufficient: z.enum(ON_INSUFFICIENT).optional().describe('What too few samples mean at the end; fail'),
  on_violation: z.enum(ON_VIOLATION).optional().describe('What a broken limit means; fail'),
  min_samples: z.int().min(0).optional().describe('Of each arm that is judged'),
  window: duration.optional().describe('What checks look back on, $w; 5m'),
  dry_run: z.boolean().optional().describe('Measured and shown, but never decides'),
}

const counts = {
  total: text.describe('A selector of raw counters: agent_requests_total{selector}'),
  bad: text.describe('The same for what counts as bad: agent_requests_total{selector,status="error"}'),
}

const kayentaSeries = z.strictObject({
  name,
  query: text.describe('PromQL for one number, with {selector} for the arm that is asked'),
  direction: z.enum(['increase', 'decrease', 'either']).default('either').describe('Which change is for the worse'),
  nan: z.enum(['remove', 'replace']).default('remove').describe('What becomes of a point that is NaN; replace: 0'),
  critical: z.boolean().default(false).describe('The score is 0 where this one does not pass'),
  weight: z.number().positive().default(1),
  allowed_increase: z.number().min(1).default(1).describe('Ratio of means from which an increase counts; 1'),
  allowed_decrease: z.number().min(0).max(1).default(1).describe('Ratio of means up to which a decrease counts; 1'),
})

export const KAYENTA_SERIES_KEYS = Object.keys(kayentaSeries.shape)

/** One metric of a metrics file, by its kind. */
export const metricSchemas = {
  'error-rate': z.strictObject({ kind: z.literal('error-rate'), ...common, ...counts, ...limits }),
  'counter-ratio': z.strictObject({ kind: z.literal('counter-ratio'), ...common, ...counts, ...limits }),
  latency: z.strictObject({
    kind: z.literal('latency'),
    ...common,
    buckets: text.describe('A selector of a classic histogram: my_duration_seconds_bucket{selector}'),
    p50: z.strictObject(limits).optional(),
    p90: z.strictObject(limits).optional(),
    p95: z.strictObject(limits).optional(),
    p99: z.strictObject(limits).optional(),
  }),
  value: z.strictObject({
    kind: z.literal('value'),
    ...common,
    query: text.describe(
      'PromQL for one number; {selector} is the arm that is asked, $c canary, $s stable, $w the window',
    ),
    samples: text.optional().describe('PromQL for how many samples the value rests on'),
    ...limits,
  }),
  empty: z.strictObject({
    kind: z.literal('empty'),
    ...common,
    query: text.describe('PromQL that must answer no series'),
    evidence: text.describe('PromQL that answers more than 0 where an empty answer means something'),
    finding: text.optional().describe('What a series is, for the reason'),
  }),
  kayenta: z.strictObject({
    kind: z.literal('kayenta'),
    ...common,
    series: z.array(kayentaSeries).min(1),
    step: duration.optional().describe('Between points; 15s'),
    pass: z.number().min(0).max(100).default(95).describe('The least score that passes'),
    marginal: z.number().min(0).max(100).default(75).describe('The least score that is inconclusive and does not fail'),
  }),
} as const

const metricSchema = z.discriminatedUnion('kind', [
  metricSchemas['error-rate'],
  metricSchemas['counter-ratio'],
  metricSchemas.latency,
  metricSchemas.value,
  metricSchemas.empty,
  metricSchemas.kayenta,
])
export type MetricEntry = z.infer<typeof metricSchema>

const labels = z.record(text, text).refine((all) => Object.keys(all).length > 0, 'Expected at least one label')

/** A file named by the input `metrics`. */
export const metricsFileSchema = z.strictObject({
  packs: z.array(z.enum(PACKS)).optional().describe('Built-in metrics beside these'),
  arms: z
    .strictObject({ canary: labels, stable: labels })
    .optional()
    .describe('The labels that tell canary and stable apart, where they are not found by themselves'),
  metrics: z.array(metricSchema).default([]),
})
