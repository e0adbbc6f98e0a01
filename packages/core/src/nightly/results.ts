import * as z from 'zod'
import { VERDICTS } from '../verdict.ts'
import { findingSchema } from './finding.ts'
import { ARMS } from './night.ts'

const amount = z.number().nullable()

/** `results.json` of nightly-eval. */
export const nightlyResultsSchema = z.object({
  schema_version: z.literal(1),
  kind: z.literal('nightly'),
  verdict: z.enum(VERDICTS),
  reason: z.string(),
  /** What else a reader should know. */
  notes: z.array(z.string()),
  night: z.string(),
  /** The evaluations, worst first. */
  legs: z.array(
    z.object({
      dataset: z.string(),
      model: z.string().nullable(),
      prompts: z.string().nullable(),
      arm: z.enum(ARMS),
      verdict: z.enum(VERDICTS),
      reason: z.string(),
      accuracy: amount,
      latency_p95: amount,
      cost_usd: amount,
      coverage: z.number(),
      answered: z.array(z.string()),
      /** Relative to the results file; null where the leg left none. */
      results: z.string().nullable(),
    }),
  ),
  /** Every series, those that regressed first. */
  series: z.array(findingSchema),
  /** Most series moved alike: one cause, told once. null where they did not. */
  fleet_shift: z.object({ median_t: z.number(), series: z.int(), reason: z.string() }).nullable(),
  /** Examples that flip from night to night: they inform, and block nothing until their expiry. */
  quarantined: z.array(
    z.object({
      dataset: z.string(),
      id: z.string(),
      flip_rate: z.number(),
      owner: z.string().nullable(),
      until: z.string(),
    }),
  ),
  incidents: z.array(
    z.object({ key: z.string(), title: z.string(), since: z.string(), kind: z.enum(['trigger', 'resolve', 'open']) }),
  ),
  cost_usd: amount,
  run: z.object({ id: z.string(), url: z.string() }).nullable(),
  started_at: z.string(),
  finished_at: z.string(),
})

export type NightlyResults = z.infer<typeof nightlyResultsSchema>
