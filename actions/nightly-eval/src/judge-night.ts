import { groupBy } from '@agent-ci/core/group-by'
import type { Host } from '@agent-ci/core/host'
import { confirm } from '@agent-ci/core/nightly/confirm'
import { readControl, withCause } from '@agent-ci/core/nightly/control'
import { type Detection, detect } from '@agent-ci/core/nightly/detect'
import type { Finding } from '@agent-ci/core/nightly/finding'
import type { Remembered } from '@agent-ci/core/nightly/history'
import type { Confirmed } from '@agent-ci/core/nightly/kept-finding'
import type { Night, Series, SeriesKey } from '@agent-ci/core/nightly/night'
import { activeEntries } from '@agent-ci/core/nightly/quarantine'
import { seriesId, seriesOf } from '@agent-ci/core/nightly/series'
import { forLog } from '@agent-ci/core/untrusted'
import { seriesName } from '@agent-ci/reporting/nightly/wording'
import type { Evaluator } from './evaluator.ts'
import type { EvaluatedLeg } from './leg-record.ts'
import type { Leg } from './legs.ts'
import type { NightlySettings } from './settings.ts'

/** The evaluations that a judgement may ask for. */
export type MoreRuns = Pick<Evaluator, 'again' | 'control'>

export interface Judgement {
  readonly findings: readonly Finding[]
  readonly detection: Detection
  readonly series: readonly Series[]
  readonly reruns: readonly EvaluatedLeg[]
  readonly controls: readonly EvaluatedLeg[]
}

type Without = ReadonlyMap<string, ReadonlySet<string>>

const sameLeg = (a: Omit<SeriesKey, 'metric'>, b: Omit<SeriesKey, 'metric'>): boolean =>
  a.dataset === b.dataset && a.model === b.model && a.prompts === b.prompts

/**
 * Holds a night against the nights before it, and runs again what looks regressed before saying so.
 * @param confirmed the regressions that people know of, by `seriesId`: while they are as they were, they are not run again
 */
export async function judgeNight(
  tonight: readonly EvaluatedLeg[],
  remembered: Remembered,
  night: string,
  settings: Pick<NightlySettings, 'legs' | 'minDrop' | 'confirm' | 'control'>,
  confirmed: ReadonlyMap<string, Confirmed>,
  more: MoreRuns,
  host: Pick<Host, 'signal' | 'info'>,
): Promise<Judgement> {
  const quarantined = activeEntries(remembered.quarantine, night)
  const without: Without = new Map(
    [...groupBy(quarantined, ({ dataset }) => dataset)].map(([dataset, entries]) => [
      dataset,
      new Set(entries.map(({ id }) => id)),
    ]),
  )
  // What is no longer evaluated is no finding.
  const nights = [...remembered.nights, ...tonight.map((leg) => leg.night)].filter((one) =>
    settings.legs.some((leg) => sameLeg(leg, one)),
  )
  const series = seriesOf(nights, { without })
  const detection = detect(series, {
    night,
    blessings: remembered.blessings,
    confirmed,
    settings: { minDrop: settings.minDrop },
  })
  const legOf = (key: Omit<SeriesKey, 'metric'>): Leg => settings.legs.find((leg) => sameLeg(leg, key))!

  for (const finding of detection.findings)
    if (detection.lasting.has(seriesId(finding))) host.info(forLog(`${seriesName(finding)}: ${finding.reason}`, 1_000))
  const reruns: EvaluatedLeg[] = []
  if (settings.confirm)
    for (const request of detection.reruns)
      for (let time = 1; time <= request.runs && !host.signal.aborted; time++)
        reruns.push(await more.again(legOf(request), time))
  const findings = confirm(
    detection,
    reruns.map((leg) => leg.night),
    { without },
  )

  const controls: EvaluatedLeg[] = []
  for (const key of controlled(findings, detection, settings)) {
    if (host.signal.aborted) break
    const baseline = baselineNight(nights, findings, key)
    if (baseline) controls.push(await more.control(legOf(key), baseline))
  }
  return {
    findings: findings.map((finding) => causeOf(finding, { detection, tonight, reruns, controls, without })),
    detection,
    series,
    reruns,
    controls,
  }
}

/** A finding with who moved, where its leg has a control arm. */
function causeOf(
  finding: Finding,
  {
    detection,
    tonight,
    reruns,
    controls,
    without,
  }: {
    readonly detection: Detection
    readonly tonight: readonly EvaluatedLeg[]
    readonly reruns: readonly EvaluatedLeg[]
    readonly controls: readonly EvaluatedLeg[]
    readonly without: Without
  },
): Finding {
  if (finding.state !== 'regressed' && finding.state !== 'suspect') return finding
  if (detection.lasting.has(seriesId(finding))) return finding
  const judged = detection.judged.get(seriesId(finding))
  const nightsOf = (legs: readonly EvaluatedLeg[]) =>
    legs.map(({ night }) => night).filter((night) => sameLeg(night, finding))
  const control = nightsOf(controls)
  if (!judged || control.length === 0) return finding
  // The night itself was chosen for being low.
  const again = nightsOf(reruns)
  const current = again.length > 0 ? again : nightsOf(tonight)
  return withCause(finding, readControl(judged, current, control, { without }))
}

/** The legs whose control arm is to be run. Of a shift of most series one leg is enough to ask who moved. */
function controlled(
  findings: readonly Finding[],
  { fleetShift, lasting }: Detection,
  { control, legs }: Pick<NightlySettings, 'control' | 'legs'>,
): readonly Omit<SeriesKey, 'metric'>[] {
  if (control === 'off') return []
  if (control === 'always') return legs
  // Who moved was asked when it was confirmed.
  const isNew = (one: Finding) => one.state === 'regressed' && !lasting.has(seriesId(one))
  const regressed = legs.filter((leg) => findings.some((one) => isNew(one) && sameLeg(leg, one)))
  if (regressed.length > 0 || !fleetShift) return regressed
  const depth = ({ drop, baseline }: Finding) => (drop ?? 0) / Math.max(baseline?.sd ?? 0, 1e-12)
  const [worst] = findings.filter(({ state }) => state === 'suspect').toSorted((a, b) => depth(b) - depth(a))
  return worst ? [worst] : []
}

/** The newest night of the pinned baseline of a leg. */
function baselineNight(
  nights: readonly Night[],
  findings: readonly Finding[],
  key: Omit<SeriesKey, 'metric'>,
): Night | undefined {
  const to = findings.find((one) => one.baseline !== null && sameLeg(one, key))?.baseline?.to
  return nights.findLast(
    (one) => one.night === to && one.arm === 'current' && one.verdict !== 'errored' && sameLeg(one, key),
  )
}
