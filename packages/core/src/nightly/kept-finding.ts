import * as z from 'zod'
import { heldDigest } from './comparable.ts'
import { CAUSES, SERIES_STATES } from './finding.ts'
import type { Night, SeriesKey } from './night.ts'
import { seriesId } from './series.ts'

/** A re-run that confirmed a regression, and what was measured then. */
const confirmationSchema = z.object({
  night: z.iso.date(),
  value: z.number(),
  n: z.int(),
  p: z.number(),
  /** The first night of the baseline that it lay below. */
  baseline_from: z.string(),
  /** Digest of prompts, configuration, model and tools. */
  held: z.string(),
})

/** A line of `findings/<month>.jsonl`: what a night said of a series that was not simply steady, or whose incident began or ended. */
export const keptFindingSchema = z.object({
  schema_version: z.literal(1),
  night: z.iso.date(),
  dataset: z.string(),
  model: z.string().nullable(),
  prompts: z.string().nullable(),
  metric: z.string(),
  state: z.enum(SERIES_STATES),
  cause: z.enum(CAUSES).nullable(),
  /** Of a regression: of this night, or of the earlier one whose re-run still stands for it. */
  confirmed: confirmationSchema.nullable(),
  incident: z.enum(['opened', 'closed']).nullable(),
  finished_at: z.iso.datetime(),
})

export type KeptFinding = z.infer<typeof keptFindingSchema>
export type Confirmation = z.infer<typeof confirmationSchema>

/** A confirmation with who had moved. */
export interface Confirmed extends Confirmation {
  readonly cause: KeptFinding['cause']
}

/**
 * The regressions that were confirmed before tonight and that people know of, by `seriesId`; not those whose prompts, configuration, model or
 * tools changed since, for which the cause may be another one.
 * @param isOpen whether the incident of a series is open
 */
export function confirmedBefore(
  kept: readonly KeptFinding[],
  tonight: readonly Night[],
  isOpen: (series: SeriesKey) => boolean,
): Map<string, Confirmed> {
  const last = new Map<string, KeptFinding>()
  for (const finding of kept.toSorted((a, b) => (a.finished_at < b.finished_at ? -1 : 1)))
    if (finding.state === 'regressed') last.set(seriesId(finding), finding)
  const confirmed = new Map<string, Confirmed>()
  for (const [id, { confirmed: by, cause, ...key }] of last) {
    const night = tonight.find(
      ({ dataset, model, prompts }) => dataset === key.dataset && model === key.model && prompts === key.prompts,
    )
    if (by && night && isOpen(key) && by.held === heldDigest(night)) confirmed.set(id, { ...by, cause })
  }
  return confirmed
}
