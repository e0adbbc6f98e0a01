import { type KayentaResult, kayentaJudge, kayentaScore, LEAST_VALUES } from '@agent-ci/core/statistics/canary/kayenta'
import { formatValue, type Measurement } from './measurement.ts'
import type { KayentaMetric, KayentaSeries } from './metric.ts'
import type { PerArm } from './reading.ts'

type Bare = Omit<Measurement, 'atMs'>

const isNumber = (value: number): boolean => !Number.isNaN(value)

/** Kayenta's score of the points of both arms; nothing is judged before every series has its points on both sides. */
export function measurePoints(metric: KayentaMetric, points: readonly PerArm<readonly number[]>[]): Bare {
  const counted = metric.series.map(({ name }, i) => {
    const count = Math.min(points[i]!.canary.filter(isNumber).length, points[i]!.stable.filter(isNumber).length)
    return { name, count }
  })
  const fewest = counted.reduce((a, b) => (b.count < a.count ? b : a))
  const nothing = (phase: 'noData' | 'insufficient', reason: string): Bare => ({
    phase,
    value: null,
    reason,
    brake: false,
  })
  if (fewest.count === 0)
    return nothing('noData', `${fewest.name} has no points of canary and stable at the same times`)
  const least = Math.max(LEAST_VALUES, metric.minSamples)
  if (fewest.count < least)
    return nothing(
      'insufficient',
      `${fewest.name} has ${fewest.count} of the ${least} points that ${metric.name} needs`,
    )
  const judged = metric.series.map((series, i) => ({
    ...series,
    ...kayentaJudge(points[i]!.stable, points[i]!.canary, series),
  }))
  const bad = judged.filter((each) => each.class !== 'pass')
  const critical = bad.find((each) => each.critical)
  const score = critical ? 0 : kayentaScore(judged)!
  const phase = score >= metric.pass ? 'pass' : score >= metric.marginal && !critical ? 'inconclusive' : 'fail'
  const text = `score ${score} of 100 (passes from ${metric.pass}, fails below ${metric.marginal})${bad.map((each) => `, ${describe(each)}`).join('')}`
  return {
    phase: phase === 'fail' && metric.onViolation === 'inconclusive' ? 'inconclusive' : phase,
    value: score,
    reason: text,
    brake: false,
  }
}

function describe({ name, critical, class: word, shift, ratio }: KayentaSeries & KayentaResult): string {
  const times = ratio === null ? '' : `, ${formatValue(ratio, '')} times stable's mean`
  const interval = shift ? ` by ${formatValue(shift.low, '')} to ${formatValue(shift.high, '')}` : ''
  return `${critical ? 'critical ' : ''}${name} is ${word}${interval}${times}`
}
