import { groupBy } from '../group-by.ts'
import { bhAdjusted } from '../statistics/multiplicity.ts'
import { tCdf } from '../statistics/student-t.ts'
import { medianOf } from '../statistics/trend/median.ts'
import type { Scales } from '../statistics/trend/night-test.ts'
import type { DetectorSettings } from './detector-settings.ts'
import { isFlagged, isLarge, type Judged } from './judged.ts'

/** Series of a metric that moved alike: one cause, told once. */
export interface FleetShift {
  /** The lowest of the metrics'; negative: worse. */
  readonly median_t: number
  /** How many series of these metrics there are. */
  readonly series: number
  readonly metrics: readonly string[]
  readonly reason: string
}

/** What the fleet of a metric did on each scale: the median drop of its series. */
export type FleetDrop = Readonly<Record<keyof Scales, number>>

/** The shift of a fleet, with the drop of each metric that shifted. */
export interface Fleet {
  readonly shift: FleetShift
  readonly dropOf: ReadonlyMap<string, FleetDrop>
}

/** Whether most series of a metric lie low on one scale; a metric with few series has no fleet. */
export function fleetOf(judged: readonly Judged[], { fleetT, leastFleet }: DetectorSettings): Fleet | null {
  const dropOf = new Map<string, FleetDrop>()
  const parts: string[] = []
  let [lowest, count] = [0, 0]
  for (const [metric, group] of groupBy(judged, ({ series }) => series.key.metric)) {
    if (group.length < leastFleet) continue
    const median = (scale: keyof Scales, of: 't' | 'drop') => medianOf(group.map(({ fall }) => fall.scales[scale][of]))
    const t = -Math.max(median('night', 't'), median('week', 't'))
    if (t >= fleetT) continue
    dropOf.set(metric, { night: median('night', 'drop'), week: median('week', 'drop') })
    parts.push(`${metric} (median t ${t.toFixed(1)} of ${group.length} series)`)
    lowest = Math.min(lowest, t)
    count += group.length
  }
  if (parts.length === 0) return null
  const reason = `Most series moved alike, so that one cause is likely: ${parts.join(', ')}; the limit is ${fleetT}`
  return { shift: { median_t: lowest, series: count, metrics: [...dropOf.keys()], reason }, dropOf }
}

/** Those of a fleet's flagged series that fell surely and far more than the fleet did. */
function fellFurther(flagged: readonly Judged[], fleet: FleetDrop, settings: DetectorSettings): Judged[] {
  const beyond = flagged.map(({ series, model, fall }) => {
    const { drop, t } = fall.scales[fall.by]
    const further = drop - fleet[fall.by]
    return { series, further, p: Math.min(1, 2 * tCdf((-t * further) / drop, model.df)) }
  })
  const adjusted = bhAdjusted(beyond.map(({ p }) => p))
  return flagged.filter(
    (_, at) =>
      adjusted[at]! <= settings.falseDiscoveryRate && isLarge(beyond[at]!.further, beyond[at]!.series, settings),
  )
}

/** The flagged series that stand for themselves: all of a metric without a shift, and of the others those that fell further than their fleet. */
export function onTheirOwn(judged: readonly Judged[], fleet: Fleet | null, settings: DetectorSettings): Set<Judged> {
  const flagged = judged.filter((one) => isFlagged(one, settings))
  const own = new Set<Judged>()
  for (const [metric, group] of groupBy(flagged, ({ series }) => series.key.metric)) {
    const drop = fleet?.dropOf.get(metric)
    for (const one of drop ? fellFurther(group, drop, settings) : group) own.add(one)
  }
  return own
}
