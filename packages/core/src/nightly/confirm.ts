import { testRerun } from '../statistics/trend/night-test.ts'
import type { Detection, Flagged } from './detect.ts'
import type { Finding } from './finding.ts'
import type { Night, SeriesKey } from './night.ts'
import { scaleOf } from './scale.ts'
import { type SeriesChoice, seriesId, valueIn } from './series.ts'
import { described } from './wording.ts'

/**
 * Judges the flagged series by their re-runs alone: a regression where the re-runs by themselves lie below the baseline, at a level that is
 * shared among all that were flagged. A series that was not measured again stays `suspect`.
 * @param reruns what was run for `detection.reruns`, the nights of the history not among them
 */
export function confirm(
  detection: Detection,
  reruns: readonly Night[],
  choice: Pick<SeriesChoice, 'without'> = {},
): Finding[] {
  const limit = detection.settings.confirmAlpha / detection.flagged.size
  return detection.findings.map((finding) => {
    const flagged = detection.flagged.get(seriesId(finding))
    if (!flagged) return finding
    const runs = reruns.filter((run) => isOf(run, finding)).map((run) => valueIn(run, finding.metric, choice.without))
    return judged(finding, flagged, runs, limit)
  })
}

const isOf = (run: Night, key: SeriesKey): boolean =>
  run.arm === 'current' && run.dataset === key.dataset && run.model === key.model && run.prompts === key.prompts

function judged(
  finding: Finding,
  { judged: { series, fall }, expected }: Flagged,
  runs: readonly { value: number | null; n: number }[],
  limit: number,
): Finding {
  const scale = scaleOf(finding.metric, finding.unit)
  const measured = runs.flatMap(({ value, n }) => (value === null ? [] : [{ score: scale.of(value), n }]))
  if (measured.length === 0) return described(finding, series, fall.adjusted, { of: 'not run again' })
  const { mean, p } = testRerun(
    expected,
    measured.map(({ score }) => score),
    fall.scales[fall.by],
  )
  const whole: Finding = {
    ...finding,
    state: p < limit ? 'regressed' : 'suspect',
    confirmed: { value: scale.back(mean), n: measured.reduce((sum, { n }) => sum + n, 0), p },
  }
  const of = p < limit ? 'confirmed' : 'not confirmed'
  return described(whole, series, fall.adjusted, { of, runs: measured.length, limit })
}
