import * as z from 'zod'
import type { MetricUnit } from '../metric.ts'
import { VERDICTS } from '../verdict.ts'

/** `current`: this commit. `control`: the baseline commit's prompts and configuration on today's endpoint. */
export const ARMS = ['current', 'control'] as const

/** One evaluation of a night: a dataset under a model and a set of prompts; a line of the history. */
export const nightSchema = z.object({
  schema_version: z.literal(1),
  /** UTC, `2026-11-25`. */
  night: z.iso.date(),
  dataset: z.string(),
  /** As it was asked for; null where the agent chooses it. */
  model: z.string().nullable(),
  /** The name of the set of prompts; null where there is one only. */
  prompts: z.string().nullable(),
  arm: z.enum(ARMS),
  verdict: z.enum(VERDICTS),
  /** The model ids that answered. */
  answered: z.array(z.string()),
  fingerprint: z.record(z.string(), z.string().nullable()),
  run: z.object({ repository: z.string(), id: z.string(), attempt: z.string(), url: z.string() }).nullable(),
  /** By metric name. `n`: the trials that it rests on. */
  metrics: z.record(z.string(), z.object({ value: z.number().nullable(), n: z.int() })),
  coverage: z.number(),
  repeats: z.int(),
  cost_usd: z.number().nullable(),
  examples: z.int(),
  /** By id, of the examples that did not pass in every measured trial: how many passed, how many were measured. */
  imperfect: z.record(z.string(), z.tuple([z.int(), z.int()])),
  finished_at: z.iso.datetime(),
})

export type Night = z.infer<typeof nightSchema>

/** What is followed from night to night. */
export interface SeriesKey {
  readonly dataset: string
  readonly model: string | null
  readonly prompts: string | null
  readonly metric: string
}

export interface SeriesPoint {
  readonly night: string
  readonly value: number | null
  readonly n: number
  /** Digest of what must not change for nights to be comparable: dataset, scorers and judge, model ids. */
  readonly comparable: string
  readonly runUrl: string | null
}

/** Its nights in their order, the oldest first. */
export interface Series {
  readonly key: SeriesKey
  readonly unit: MetricUnit
  readonly points: readonly SeriesPoint[]
}
