import * as z from 'zod'
import { VERDICTS } from './verdict.ts'

const amount = z.number().nullable()
const interval = z.tuple([z.number(), z.number()]).nullable()

/** What one failing example looks like in `failed_examples`: the guide's fields. */
const failedExampleSchema = z.object({
  id: z.string(),
  correct: z.boolean(),
  tool_correct: z.boolean().nullable(),
  latency_ms: amount,
  /** Cut at 500 characters. */
  response: z.string().optional(),
  error: z.string().optional(),
})

export const gateResultSchema = z.object({
  metric: z.string(),
  rule: z.string(),
  value: amount,
  interval,
  verdict: z.enum(VERDICTS),
  reason: z.string(),
})

export const metricSchema = z.object({
  value: amount,
  n: z.int(),
  passes: z.int().optional(),
  unit: z.enum(['fraction', 'ms', 'usd', 'tokens']),
  definition: z.string(),
})

/**
 * `results.json`: the guide's names at the top, so that scripts written for it go on working, and beside them what the guide lacks.
 * A number that was not measured is null.
 */
export const resultsSchema = z.object({
  schema_version: z.literal(1),
  verdict: z.enum(VERDICTS),
  accuracy: amount,
  tool_accuracy: amount,
  latency_mean: amount,
  latency_p95: amount,
  latency_p99: amount,
  /** Examples with at least one measured trial. */
  total_examples: z.int(),
  /** Of these, those that passed in most of their trials. */
  passed_examples: z.int(),
  /** The first ten that did not, in the dataset's order. */
  failed_examples: z.array(failedExampleSchema),
  /** Why the run's verdict is what it is, in a sentence. */
  reason: z.string(),
  gates: z.array(gateResultSchema),
  /** By metric name, with the selector in brackets where there is one. */
  metrics: z.record(z.string(), metricSchema),
  tags: z.record(z.string(), z.object({ examples: z.int(), accuracy: amount, tool_accuracy: amount })),
  /** Trials. `replayed` are among the measured. */
  counts: z.object({ planned: z.int(), measured: z.int(), replayed: z.int(), errored: z.int() }),
  coverage: z.number(),
  /** Errored trials by kind of failure. */
  errors: z.record(z.string(), z.int()),
  cost_usd: amount,
  tokens: z.object({ input: amount, output: amount }),
  detectable_drop: amount,
  dataset: z.object({ name: z.string(), files: z.array(z.string()), digest: z.string(), examples: z.int() }),
  agent: z.string(),
  model: z.string().nullable(),
  repeats: z.int(),
  fingerprint: z.record(z.string(), z.string().nullable()),
  comparison: z.null(),
  seed: z.string(),
  started_at: z.string(),
  finished_at: z.string(),
})

export type Results = z.infer<typeof resultsSchema>
