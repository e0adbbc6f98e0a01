import * as z from 'zod'

/**
 * `warming-up`: fewer nights than a baseline needs. `stale`: the dataset, the judge or the model id is another one than the baseline's.
 * `suspect`: flagged, and not confirmed (yet). `unmeasured`: nothing was measured tonight.
 */
export const SERIES_STATES = [
  'steady',
  'improved',
  'warming-up',
  'stale',
  'suspect',
  'regressed',
  'unmeasured',
] as const

/** Who moved, told apart by the control arm. */
export const CAUSES = ['provider', 'us', 'both', 'unknown'] as const

/** What tonight says of one series. */
export const findingSchema = z.object({
  dataset: z.string(),
  model: z.string().nullable(),
  prompts: z.string().nullable(),
  metric: z.string(),
  unit: z.enum(['fraction', 'ms', 'usd', 'tokens']),
  state: z.enum(SERIES_STATES),
  /** Tonight's. */
  value: z.number().nullable(),
  n: z.int(),
  /** The pinned nights: their mean and standard deviation, how many, the first and the last; null while there is none. */
  baseline: z
    .object({ mean: z.number(), sd: z.number(), nights: z.int(), from: z.string(), to: z.string() })
    .nullable(),
  /** How much worse than the baseline, in the metric's unit, by the scale that drove it; negative: better. */
  drop: z.number().nullable(),
  /** `night`: tonight alone; `week`: the last seven. */
  scale: z.enum(['night', 'week']).nullable(),
  p: z.number().nullable(),
  /** Of the confirming re-run; null where none was made. */
  confirmed: z.object({ value: z.number(), n: z.int(), p: z.number() }).nullable(),
  cause: z.enum(CAUSES).nullable(),
  /** In a sentence, with its numbers. */
  reason: z.string(),
})

export type Finding = z.infer<typeof findingSchema>
