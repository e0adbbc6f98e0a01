import * as z from 'zod'
import { VERDICTS } from './verdict.ts'

const amount = z.number().nullable()

/** What one side served since the check before; null where nothing was measured. */
const armSchema = z.object({
  requests: amount,
  errors: amount,
  /** Of the requests since the start of the step. */
  error_rate: amount,
  p50_ms: amount,
  p95_ms: amount,
  p99_ms: amount,
})

/** What a check concluded of one metric. */
export const CHECK_RESULTS = ['pass', 'fail', 'inconclusive', 'error', 'noData', 'insufficient'] as const

const metricCheckSchema = z.object({
  name: z.string(),
  result: z.enum(CHECK_RESULTS),
  value: amount,
  limit: amount,
  unit: z.enum(['fraction', 'ms', 'usd', 'tokens', 'count', 'none']),
  reason: z.string(),
  /** Shown, and counted for nothing. */
  dry_run: z.boolean(),
})

const checkSchema = z.object({
  at: z.string(),
  /** Counted from 1, as `index` of the step. */
  step: z.int(),
  /** The canary's share that was asked for, that the route has, and that the counters show, in percent. */
  weight: z.object({ asked: amount, route: amount, served: amount }),
  canary: armSchema,
  stable: armSchema,
  /** Evidence that the canary is worse, as an e-value, and the one at which it is taken back. */
  evidence: z.object({ value: amount, limit: z.number() }),
  metrics: z.array(metricCheckSchema),
})

const stepSchema = z.object({
  index: z.int(),
  /** Percent of the traffic: asked for, and what can be had. */
  asked: z.number(),
  real: z.number(),
  started_at: z.string(),
  ended_at: z.string().nullable(),
})

const eventSchema = z.object({
  at: z.string(),
  kind: z.enum(['phase', 'decision', 'warning', 'problem']),
  text: z.string(),
})

/** `timeline.json`: a rollout as it went, for people, plots and scripts. */
export const rolloutTimelineSchema = z.object({
  schema_version: z.literal(1),
  app: z.string(),
  environment: z.string(),
  strategy: z.enum(['rolling', 'canary', 'blue-green']),
  release: z.object({ id: z.string(), version: z.string().nullable() }),
  previous: z.object({ id: z.string(), version: z.string().nullable() }).nullable(),
  /** What the release changed in the one before, a phrase each. */
  changes: z.array(z.string()),
  verdict: z.enum(VERDICTS),
  outcome: z.enum(['promoted', 'rolled-back', 'paused', 'rollback-failed', 'refused', 'planned']),
  /** In a sentence, with the numbers behind it. */
  reason: z.string(),
  failed_metric: z.string().nullable(),
  started_at: z.string(),
  ended_at: z.string(),
  run_url: z.string().nullable(),
  /** Above them a canary is taken back; null where none is set. */
  limits: z.object({ error_rate: amount, p95_ms: amount }),
  steps_planned: z.int().min(0),
  /** Those that were begun. */
  steps: z.array(stepSchema),
  checks: z.array(checkSchema),
  events: z.array(eventSchema),
})

export type RolloutTimeline = z.infer<typeof rolloutTimelineSchema>
export type RolloutCheck = z.infer<typeof checkSchema>
export type ArmReading = z.infer<typeof armSchema>
export type MetricCheck = z.infer<typeof metricCheckSchema>
export type RolloutStep = z.infer<typeof stepSchema>
export type RolloutEvent = z.infer<typeof eventSchema>
export type RolloutOutcome = RolloutTimeline['outcome']
export type CheckResult = (typeof CHECK_RESULTS)[number]
