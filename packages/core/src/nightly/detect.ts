import { groupBy } from '../group-by.ts'
import type { NightModel } from '../statistics/trend/night-test.ts'
import { pinBaseline } from './baseline.ts'
import type { Blessing } from './blessing.ts'
import { DETECTOR_DEFAULTS, type DetectorSettings } from './detector-settings.ts'
import type { Finding } from './finding.ts'
import { type FleetShift, fleetOf, onTheirOwn } from './fleet.ts'
import { beforeDrops } from './growth.ts'
import { isFlagged, isImproved, type Judged, judge } from './judged.ts'
import type { Confirmed } from './kept-finding.ts'
import { isAsConfirmed } from './lasting.ts'
import type { Series } from './night.ts'
import { seriesId } from './series.ts'
import { described, unjudged, withNumbers } from './wording.ts'

/** An evaluation to run again in the same night, to confirm what was flagged. Its runs are no nights of the history. */
export interface RerunRequest {
  readonly dataset: string
  readonly model: string | null
  readonly prompts: string | null
  /** Once for a bad night, three times for a bad week. */
  readonly runs: 1 | 3
  readonly metrics: readonly string[]
}

/** A flagged series, and the nights that a re-run is held against. */
export interface Flagged {
  readonly judged: Judged
  /** Within a fleet shift: from where the fleet stands, not from the baseline. */
  readonly expected: NightModel
}

/** What tonight says before anything was run again. */
export interface Detection {
  readonly night: string
  readonly settings: DetectorSettings
  /** One for each series, in their order. Flagged ones are `suspect`. */
  readonly findings: readonly Finding[]
  readonly fleetShift: FleetShift | null
  /** What to run again before anything may be called a regression; give the runs to `confirm`. */
  readonly reruns: readonly RerunRequest[]
  /** Every series that could be judged, by `seriesId`. */
  readonly judged: ReadonlyMap<string, Judged>
  /** Regressions that were confirmed on an earlier night and are still there: they are not run again. By `seriesId`. */
  readonly lasting: ReadonlyMap<string, Confirmed>
  /** What the re-runs are about, by `seriesId`. */
  readonly flagged: ReadonlyMap<string, Flagged>
}

export interface DetectionInput {
  /** Tonight, UTC: `2026-11-25`. */
  readonly night: string
  readonly blessings?: readonly Blessing[]
  /** Regressions that people know of, by `seriesId`. */
  readonly confirmed?: ReadonlyMap<string, Confirmed>
  readonly settings?: Partial<DetectorSettings>
}

/**
 * Judges every series against its pinned baseline on two scales, with one false discovery rate over all of them. Pure.
 * @param series tonight's points are the last
 */
export function detect(
  series: readonly Series[],
  { night, blessings = [], confirmed = new Map(), settings: given }: DetectionInput,
): Detection {
  const settings = { ...DETECTOR_DEFAULTS, ...given }
  const readings = series.map((one) => {
    const baseline = pinBaseline(one, night, blessings, settings)
    return { series: one, baseline, finding: unjudged(one, baseline, night, settings) }
  })
  const ready = readings.filter(({ finding }) => finding.state === 'steady')
  const judged = judge(beforeDrops(ready, settings))
  const fleet = fleetOf(judged, settings)
  const own = onTheirOwn(judged, fleet, settings)
  const lasting = new Map<Judged, Confirmed>()
  for (const one of own) {
    const before = confirmed.get(seriesId(one.series.key))
    if (before && isAsConfirmed(one, before, settings)) lasting.set(one, before)
  }
  const open = [...own].filter((one) => !lasting.has(one))
  const judgedOf = new Map(judged.map((one) => [one.series, one]))
  const findings = readings.map(({ series: one, finding }) => {
    const of = judgedOf.get(one)
    return of ? findingOf(finding, of, { own: own.has(of), lasting: lasting.get(of) }, settings) : finding
  })
  const flagged = new Map(
    open.map((one) => {
      const { metric } = one.series.key
      const drop = fleet?.dropOf.get(metric)?.[one.fall.by] ?? 0
      return [seriesId(one.series.key), { judged: one, expected: { ...one.model, mean: one.model.mean - drop } }]
    }),
  )
  return {
    night,
    settings,
    findings,
    fleetShift: fleet?.shift ?? null,
    reruns: rerunsOf(open),
    judged: new Map(judged.map((one) => [seriesId(one.series.key), one])),
    lasting: new Map([...lasting].map(([one, before]) => [seriesId(one.series.key), before])),
    flagged,
  }
}

function findingOf(
  plain: Finding,
  one: Judged,
  { own, lasting }: { readonly own: boolean; readonly lasting: Confirmed | undefined },
  settings: DetectorSettings,
): Finding {
  const { series, fall, rise } = one
  if (lasting) {
    const finding: Finding = { ...withNumbers(plain, one, 'fall'), state: 'regressed', cause: lasting.cause }
    return described(finding, series, fall.adjusted, { of: 'still there', confirmed: lasting })
  }
  if (isFlagged(one, settings)) {
    const finding: Finding = { ...withNumbers(plain, one, 'fall'), state: 'suspect' }
    return described(finding, series, fall.adjusted, { of: own ? 'flagged' : 'with the fleet' })
  }
  if (!isImproved(one, settings)) return withNumbers(plain, one, 'fall')
  const finding: Finding = { ...withNumbers(plain, one, 'rise'), state: 'improved' }
  return described(finding, series, rise.adjusted, { of: 'improved' })
}

/** One request for each evaluation, with as many runs as its series need. */
function rerunsOf(flagged: readonly Judged[]): RerunRequest[] {
  const legs = groupBy(flagged, ({ series: { key } }) => JSON.stringify([key.dataset, key.model, key.prompts]))
  return [...legs.values()].map((group) => {
    const { dataset, model, prompts } = group[0]!.series.key
    return {
      dataset,
      model,
      prompts,
      runs: group.some(({ fall }) => fall.by === 'week') ? 3 : 1,
      metrics: group.map(({ series }) => series.key.metric),
    }
  })
}
