import type { Check } from './check.ts'
import type { KayentaMetric, KayentaSeries } from './metric.ts'
import type { Series } from './prometheus/answer.ts'
import { describeSeries } from './prometheus/client.ts'
import { PrometheusError } from './prometheus/failure.ts'
import { ARMS, type ArmName } from './prometheus/selector.ts'
import { fillTemplate } from './prometheus/template.ts'
import type { PerArm, Reading } from './reading.ts'

/** The points of both arms, for Kayenta's judge. */
export async function readPoints(metric: KayentaMetric, check: Check): Promise<Reading> {
  const series = await Promise.all(metric.series.map((one) => pointsOf(one, metric, check)))
  return { kind: 'points', atMs: check.atMs, series }
}

/** A subquery asks at multiples of its step, so that the points of both arms are of the same times. */
async function pointsOf(
  { query, name, nan }: KayentaSeries,
  { windowMs, stepMs }: KayentaMetric,
  { client, arms, atMs, signal }: Check,
): Promise<PerArm<readonly number[]>> {
  const seconds = (ms: number) => Math.max(1, Math.ceil(ms / 1_000))
  const ask = async (arm: ArmName): Promise<ReadonlyMap<number, number>> => {
    const asked = `(${fillTemplate(query, arm, arms, stepMs)})[${seconds(windowMs)}s:${seconds(stepMs)}s]`
    const answer = await client.samples(asked, { atMs, signal })
    return new Map(only(answer.series, name).map((sample) => [sample.atMs, sample.value]))
  }
  const [canary, stable] = await Promise.all(ARMS.map(ask))
  const common = [...canary!.keys()].filter((at) => stable!.has(at))
  const values = (all: ReadonlyMap<number, number>) => {
    const points = common.map((at) => all.get(at)!)
    return nan === 'replace' ? points.map((value) => (Number.isNaN(value) ? 0 : value)) : points
  }
  return { canary: values(canary!), stable: values(stable!) }
}

function only(series: readonly Series[], name: string): Series['samples'] {
  if (series.length > 1)
    throw new PrometheusError(
      'query',
      `${name} answers ${series.length} series (${describeSeries(series)}); expected one: wrap it in sum(), max() or the like`,
    )
  if (series[0]?.native) throw new PrometheusError('query', `${name} answers a native histogram; expected numbers`)
  const infinite = series[0]?.samples.find(({ value }) => Math.abs(value) === Number.POSITIVE_INFINITY)
  if (infinite) throw new PrometheusError('query', `${name} is ${infinite.value > 0 ? '+Inf' : '-Inf'}`)
  return series[0]?.samples ?? []
}
