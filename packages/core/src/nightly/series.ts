import { isOfProbes, unitOf, withoutSelector } from '../metric.ts'
import { comparableDigest } from './comparable.ts'
import { trialsOf } from './imperfect.ts'
import type { ARMS, Night, Series, SeriesKey, SeriesPoint } from './night.ts'

/** The metrics that are followed where nobody says which. */
const FOLLOWED_METRICS = ['accuracy', 'tool_accuracy', 'latency_p95_ms', 'cost_mean_usd'] as const

/** And what attacks came to, success by category: the rate of all of them says nothing that theirs do not. */
const followed = ({ metrics }: Night): readonly string[] => [
  ...FOLLOWED_METRICS,
  ...Object.keys(metrics).filter((name) => isOfProbes(name) && name !== 'attack_success_rate'),
]

export interface SeriesChoice {
  readonly arm?: (typeof ARMS)[number]
  readonly metrics?: readonly string[]
  /** Examples by dataset that do not count for `accuracy`, on no night, so that nights stay comparable: the quarantined ones. */
  readonly without?: ReadonlyMap<string, ReadonlySet<string>>
}

/** One text for a series' name, for maps. */
export const seriesId = ({ dataset, model, prompts, metric }: SeriesKey): string =>
  JSON.stringify([dataset, model, prompts, metric])

/**
 * The nights as series, in the order in which they first appear. Of several runs in one night the last that measured counts, so that a
 * night can be made good; re-runs that only confirm a finding are not nights. A run that errored measured nothing, whatever it holds.
 */
export function seriesOf(nights: Iterable<Night>, choice: SeriesChoice = {}): Series[] {
  const { arm = 'current', metrics, without } = choice
  const found = new Map<string, { key: SeriesKey; byNight: Map<string, SeriesPoint> }>()
  const inOrder = [...nights].sort((a, b) => order(a.night, b.night) || order(a.finished_at, b.finished_at))
  for (const night of inOrder) {
    if (night.arm !== arm) continue
    const { dataset, model, prompts } = night
    for (const metric of metrics ?? followed(night)) {
      if (unitOf(withoutSelector(metric)) === undefined) continue
      const key = { dataset, model, prompts, metric }
      const measured = valueIn(night, metric, without)
      const id = seriesId(key)
      let series = found.get(id)
      if (!series) {
        // A metric that was never asked for is no series.
        if (!Object.hasOwn(night.metrics, metric)) continue
        series = { key, byNight: new Map() }
        found.set(id, series)
      }
      if (measured.value === null && series.byNight.get(night.night)?.value !== undefined) continue
      series.byNight.set(night.night, {
        night: night.night,
        ...measured,
        comparable: comparableDigest(night, metric),
        runUrl: night.run?.url ?? null,
      })
    }
  }
  return [...found.values()].map(({ key, byNight }) => ({
    key,
    unit: unitOf(withoutSelector(key.metric))!,
    points: [...byNight.values()],
  }))
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const UNMEASURED = { value: null, n: 0 }

/** A metric of one evaluation, and over how many trials. */
export function valueIn(
  night: Night,
  metric: string,
  withoutExamples?: SeriesChoice['without'],
): { readonly value: number | null; readonly n: number } {
  const without = withoutExamples?.get(night.dataset)
  const measured = Object.hasOwn(night.metrics, metric) ? night.metrics[metric] : undefined
  if (!measured || measured.value === null || measured.n === 0 || night.verdict === 'errored') return UNMEASURED
  if (metric !== 'accuracy' || without === undefined || without.size === 0)
    return { value: measured.value, n: measured.n }
  let passed = measured.value * measured.n
  let n = measured.n
  for (const id of without) {
    const [passes, runs] = trialsOf(night, id)
    passed -= passes
    n -= runs
  }
  return n > 0 ? { value: Math.min(1, Math.max(0, passed / n)), n } : UNMEASURED
}
