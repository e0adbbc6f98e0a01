import * as z from 'zod'
import type { SeriesKey } from './night.ts'

/** Somebody's word that a run is the new normal: the only thing that moves a baseline. A line of the history. */
export const blessingSchema = z.object({
  schema_version: z.literal(1),
  at: z.iso.datetime(),
  by: z.string(),
  reason: z.string().min(1),
  /** The id of the blessed run. */
  run: z.string(),
  /** Of that run: the first of the new baseline. */
  night: z.iso.date(),
  /** `*`: every one of the run's. */
  dataset: z.string(),
  model: z.string(),
})

export type Blessing = z.infer<typeof blessingSchema>

export const EVERY = '*'

/** Whether a blessing speaks of a series. */
const speaksOf = ({ dataset, model }: Blessing, key: Pick<SeriesKey, 'dataset' | 'model'>): boolean =>
  (dataset === EVERY || dataset === key.dataset) && (model === EVERY || model === key.model)

/** The blessing that holds for a series: the one given last. */
export function blessingOf(
  blessings: readonly Blessing[],
  key: Pick<SeriesKey, 'dataset' | 'model'>,
): Blessing | undefined {
  let last: Blessing | undefined
  for (const blessing of blessings) if (speaksOf(blessing, key) && !(last && last.at > blessing.at)) last = blessing
  return last
}
