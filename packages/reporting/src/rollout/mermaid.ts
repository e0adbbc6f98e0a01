import type { RolloutTimeline } from '@agent-ci/core/rollout-timeline'
import { type Axis, BLUE, GREY, ORANGE, xyChart } from '../xy-chart.ts'

/** More points than this no summary shows apart. */
const MOST_POINTS = 48

interface Slices {
  /** Of the rollout, where they begin and end. */
  readonly minutes: readonly [number, number]
  readonly count: number
  /** Of a moment. */
  readonly of: (iso: string) => number
}

function sliceTime(
  { started_at, checks }: RolloutTimeline,
  from: string,
  to: string,
  count: number,
): Slices | undefined {
  const [zero, start, end] = [Date.parse(started_at), Date.parse(from), Date.parse(to)]
  if (!(end > start) || !(zero <= start) || checks.length < 2) return undefined
  const of = (iso: string) =>
    Math.min(count - 1, Math.max(0, Math.round(((Date.parse(iso) - start) / (end - start)) * (count - 1))))
  return { minutes: [(start - zero) / 60_000, (end - zero) / 60_000], count, of }
}

/** A value for every slice: the highest of its checks, or that of the slice before where it has none. */
function highest(slices: Slices, readings: readonly (readonly [string, number])[]): number[] {
  const values = new Array<number | undefined>(slices.count).fill(undefined)
  for (const [at, value] of readings) {
    const slice = slices.of(at)
    if (Number.isFinite(value)) values[slice] = Math.max(values[slice] ?? 0, value)
  }
  let before = values.find((value) => value !== undefined) ?? 0
  return values.map((value) => (before = value ?? before))
}

const minutesOf = ({ minutes: [from, to] }: Slices): Axis => ({ title: 'minutes', from, to })
const percentTo = (to: number): Axis => ({ title: '%', from: 0, to })

const END_WEIGHT: Partial<Record<RolloutTimeline['outcome'], number>> = { promoted: 100, 'rolled-back': 0 }

function weightLine(slices: Slices, { steps, outcome, ended_at: ended }: RolloutTimeline): number[] {
  const last = steps.at(-1)
  const end = END_WEIGHT[outcome]
  const readings: [number, number][] = steps.map((step) => [slices.of(step.started_at), step.real])
  if (end !== undefined) readings.push([slices.of(last?.ended_at ?? ended), end])
  return Array.from({ length: slices.count }, (_, at) => readings.findLast(([from]) => from <= at)?.[1] ?? 0)
}

/**
 * Plots of a rollout in Mermaid's language, which GitHub draws in a summary: the weight, and the error rate of both sides. Nothing but
 * our own words and numbers goes into them. Empty where there are too few checks for a line.
 */
export function mermaidPlots(timeline: RolloutTimeline): string[] {
  const whole = sliceTime(timeline, timeline.started_at, timeline.ended_at, MOST_POINTS)
  if (!whole) return []
  const weight = { colour: BLUE, values: weightLine(whole, timeline) }
  const plots = [xyChart({ title: 'Canary weight', x: minutesOf(whole), y: percentTo(100), lines: [weight] })]
  const ratesOf = (side: 'canary' | 'stable') =>
    timeline.checks.flatMap((check) => {
      const rate = check[side].error_rate
      return rate === null ? [] : [[check.at, rate * 100] as const]
    })
  const [canary, stable] = [ratesOf('canary'), ratesOf('stable')]
  const moments = [...canary, ...stable].map(([at]) => at).sort()
  const count = Math.min(MOST_POINTS, Math.max(12, timeline.checks.length))
  const slices = sliceTime(timeline, moments[0] ?? '', moments.at(-1) ?? '', count)
  if (!slices) return plots
  const limit = timeline.limits.error_rate
  const lines = [
    { colour: ORANGE, values: highest(slices, canary) },
    { colour: BLUE, values: highest(slices, stable) },
    ...(limit === null ? [] : [{ colour: GREY, values: new Array<number>(slices.count).fill(limit * 100) }]),
  ]
  const title = `Error rate: canary orange, stable blue${limit === null ? '' : ', limit grey'}`
  const top = Math.max(0.1, ...lines.flatMap(({ values }) => values)) * 1.1
  return [...plots, xyChart({ title, x: minutesOf(slices), y: percentTo(top), lines })]
}
