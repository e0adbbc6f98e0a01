import { groupBy } from '../group-by.ts'
import { memoryOf } from '../statistics/trend/memory.ts'
import type { NightModel } from '../statistics/trend/night-test.ts'
import { pooledVariances } from '../statistics/trend/pooled-variance.ts'
import { momentsOf, type PinnedBaseline } from './baseline.ts'
import type { Series } from './night.ts'
import { scaleOf } from './scale.ts'

/** A series whose baseline has nights enough. */
export interface PinnedSeries {
  readonly series: Series
  readonly baseline: PinnedBaseline
}

/**
 * What the pinned nights of each series say of a night to come. Series of the same metric lend each other strength: their scatter, as a
 * multiple of what the number of trials explains, and the memory from night to night are estimated together.
 * @param momentsFor the estimate of the scatter of one series
 */
export function nightModels(pinned: readonly PinnedSeries[], momentsFor: typeof momentsOf = momentsOf): NightModel[] {
  const models = new Array<NightModel>(pinned.length)
  for (const group of groupBy(pinned.keys(), (at) => pinned[at]!.series.key.metric).values()) {
    const memory = memoryOf(
      group.map((at) => {
        const { series, baseline } = pinned[at]!
        const scale = scaleOf(series.key.metric, series.unit)
        return baseline.nights.map(({ value }) => scale.of(value))
      }),
    )
    const moments = group.map((at) => {
      const { series, baseline } = pinned[at]!
      const scale = scaleOf(series.key.metric, series.unit)
      const { mean, variance, n, df } = momentsFor(baseline.nights, scale)
      const least = scale.leastDeviation(n)
      return { mean, variance: Math.max(variance, least ** 2), df, least, trial: scale.trialVariance(mean, n) / n }
    })
    const pooled = pooledVariances(moments.map(({ variance, df, trial }) => ({ variance: variance / trial, df })))
    for (const [i, at] of group.entries()) {
      const { mean, least, trial } = moments[i]!
      const { variance, df } = pooled[i]!
      models[at] = {
        mean,
        deviation: Math.max(least, Math.sqrt(variance * trial)),
        df,
        nights: pinned[at]!.baseline.nights.length,
        memory,
      }
    }
  }
  return models
}
