import { quantileOf } from './histogram.ts'
import { measurePoints } from './measure-points.ts'
import { formatValue, type Measurement, type Phase } from './measurement.ts'
import { type CountMetric, type LatencyMetric, type Limits, type Metric, quantileName } from './metric.ts'
import type { Reading } from './reading.ts'
import { bucketsWithin, countsOf, type Tally } from './tally.ts'

const SHARE = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })

interface Judged {
  readonly what: string
  readonly unit: string
  readonly canary: number
  /** Undefined where stable has no data; null where it was not asked. */
  readonly stable: number | undefined | null
  /** The value is a lower bound of the truth. */
  readonly saturated: boolean
}

type Finding = Pick<Measurement, 'phase' | 'reason' | 'brake'>

function absolute({ what, unit, canary, saturated }: Judged, { min, max, brake }: Limits): Finding | undefined {
  const shown = `${what} ${saturated ? 'of more than ' : ''}${formatValue(canary, unit)}`
  // Above the last bound is above every limit up to that bound; of a limit beyond it nothing is known.
  const above = (limit: number | undefined): limit is number =>
    limit !== undefined && (canary > limit || (saturated && canary >= limit))
  if (above(brake)) {
    const reason = `${shown} is above ${formatValue(brake, unit)}, where a release goes back at once`
    return { phase: 'fail', brake: true, reason }
  }
  if (above(max)) return { phase: 'fail', brake: false, reason: `${shown} is above ${formatValue(max, unit)}` }
  if (min !== undefined && canary < min) {
    return { phase: 'fail', brake: false, reason: `${shown} is below ${formatValue(min, unit)}` }
  }
  const unseen = saturated ? (max ?? brake) : undefined
  if (unseen !== undefined) {
    const reason = `${shown}, the last bound of the histogram: the limit ${formatValue(unseen, unit)} cannot be checked`
    return { phase: 'inconclusive', brake: false, reason }
  }
  if (Number.isFinite(canary)) return undefined
  return { phase: 'error', brake: false, reason: `${what} is ${formatValue(canary, unit)}` }
}

function relative(
  { what, unit, canary, stable, saturated }: Judged,
  { minRatio, maxRatio }: Limits,
): Finding | undefined {
  if ((minRatio === undefined && maxRatio === undefined) || stable === null) return undefined
  if (stable === undefined) return { phase: 'noData', brake: false, reason: `stable has no ${what} to compare with` }
  if (saturated)
    return { phase: 'inconclusive', brake: false, reason: `${what} is above the last bound of the histogram` }
  if (!Number.isFinite(stable))
    return { phase: 'error', brake: false, reason: `stable's ${what} is ${formatValue(stable, unit)}` }
  const both = `${what} ${formatValue(canary, unit)} against stable's ${formatValue(stable, unit)}`
  if (stable <= 0) {
    if (canary === stable) return undefined
    return { phase: 'inconclusive', brake: false, reason: `${both} has no ratio` }
  }
  const ratio = canary / stable
  if (maxRatio !== undefined && ratio > maxRatio) {
    return { phase: 'fail', brake: false, reason: `${both} is more than ${SHARE.format(maxRatio)} times` }
  }
  if (minRatio !== undefined && ratio < minRatio) {
    return { phase: 'fail', brake: false, reason: `${both} is less than ${SHARE.format(minRatio)} times` }
  }
  return undefined
}

function judge(judged: Judged, limits: Limits, metric: Metric): Finding {
  const found = absolute(judged, limits) ?? relative(judged, limits)
  if (!found)
    return { phase: 'pass', brake: false, reason: `${judged.what} ${formatValue(judged.canary, judged.unit)}` }
  const softened = found.phase === 'fail' && !found.brake && metric.onViolation === 'inconclusive'
  return softened ? { ...found, phase: 'inconclusive' } : found
}

const compares = ({ minRatio, maxRatio }: Limits): boolean => minRatio !== undefined || maxRatio !== undefined

function tooFew(metric: Metric, canary: number, stable: number | undefined): string | undefined {
  const few = (arm: string, count: number) =>
    `${arm} has ${SHARE.format(count)} of the ${metric.minSamples} ${metric.kind === 'value' ? 'sample' : metric.unit}s that ${metric.name} needs`
  if (canary < metric.minSamples) return few('the canary', canary)
  return stable !== undefined && stable < metric.minSamples ? few('stable', stable) : undefined
}

type Bare = Omit<Measurement, 'atMs'>
const nothing = (phase: 'noData' | 'insufficient' | 'error', reason: string): Bare => ({
  phase,
  value: null,
  reason,
  brake: false,
})

function measureCounts(metric: CountMetric, tally: Tally): Bare {
  const { canary, stable } = countsOf(tally)
  if (canary.total === 0) return nothing('noData', `the canary had no ${metric.unit}`)
  const few = tooFew(metric, canary.total, compares(metric.limits) && stable.total > 0 ? stable.total : undefined)
  const value = canary.bad / canary.total
  if (few !== undefined) return { ...nothing('insufficient', few), value }
  const judged: Judged = {
    what: metric.name,
    unit: 'share',
    canary: value,
    stable: stable.total === 0 ? undefined : stable.bad / stable.total,
    saturated: false,
  }
  return { ...judge(judged, metric.limits, metric), value }
}

const SEVERITY: readonly Phase[] = ['fail', 'error', 'noData', 'insufficient', 'inconclusive', 'pass']

function measureBuckets(metric: LatencyMetric, tally: Tally): Bare {
  const { canary, stable } = bucketsWithin(tally)
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0)
  const measured = sum(canary.counts)
  if (measured === 0) return nothing('noData', `the canary had no ${metric.unit}`)
  if (canary.bounds.length === 0)
    return nothing('error', 'the histograms of canary and stable have no bucket bound in common')
  const comparing = metric.quantiles.some(({ limits }) => compares(limits))
  const few = tooFew(metric, measured, comparing ? sum(stable.counts) || undefined : undefined)
  const found = metric.quantiles.map(({ q, limits }): Bare => {
    const own = quantileOf(canary, q)!
    const other = quantileOf(stable, q)
    const judged: Judged = {
      what: `${metric.name} ${quantileName(q)}`,
      unit: 's',
      canary: own.value,
      stable: other?.value,
      saturated: own.saturated,
    }
    return { ...judge(judged, limits, metric), value: own.value }
  })
  const worst = found.toSorted(
    (a, b) => Number(b.brake) - Number(a.brake) || SEVERITY.indexOf(a.phase) - SEVERITY.indexOf(b.phase),
  )[0]!
  return few === undefined ? worst : { ...nothing('insufficient', few), value: worst.value }
}

function measureReading(metric: Metric, reading: Reading, tally: Tally): Bare {
  if (reading.kind === 'error') return nothing('error', reading.message)
  if (metric.kind === 'errorRate' || metric.kind === 'counterRatio') return measureCounts(metric, tally)
  if (metric.kind === 'latency') return measureBuckets(metric, tally)
  if (reading.kind === 'points' && metric.kind === 'kayenta') return measurePoints(metric, reading.series)
  if (reading.kind === 'empty' && metric.kind === 'empty') {
    if (reading.found.length > 0) {
      const phase = metric.onViolation === 'inconclusive' ? 'inconclusive' : 'fail'
      return {
        phase,
        brake: false,
        value: reading.found.length,
        reason: `${metric.finding}: ${reading.found.join(', ')}`,
      }
    }
    if (!reading.evidence) return nothing('noData', `the canary has no series for ${metric.name}`)
    return { phase: 'pass', brake: false, value: 0, reason: `${metric.name}: none` }
  }
  if (reading.kind !== 'value' || metric.kind !== 'value')
    throw new Error(`a ${reading.kind} reading of ${metric.name}`)
  const { canary, stable, samples } = reading
  if (canary === undefined || Number.isNaN(canary)) return nothing('noData', `the canary has no ${metric.name}`)
  const few = samples.canary === undefined ? undefined : tooFew(metric, samples.canary, samples.stable)
  if (few !== undefined) return { ...nothing('insufficient', few), value: canary }
  const judged: Judged = {
    what: metric.name,
    unit: metric.unit,
    canary,
    stable: stable !== null && Number.isNaN(stable) ? undefined : stable,
    saturated: false,
  }
  return { ...judge(judged, metric.limits, metric), value: Number.isFinite(canary) ? canary : null }
}

/**
 * What a check came to: counts and buckets are judged over the window (`tally`, this reading included), values as they are. NaN is no data;
 * an infinite value breaks its limit or is an error, and never passes.
 */
export const measure = (metric: Metric, reading: Reading, tally: Tally): Measurement => ({
  ...measureReading(metric, reading, tally),
  atMs: reading.atMs,
})
