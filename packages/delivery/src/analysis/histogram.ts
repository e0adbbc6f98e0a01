import { sumOf } from '@agent-ci/core/statistics/sum'
import type { Increment } from './counters.ts'

/** Counts by bucket, not cumulative: the last one is above every bound. */
export interface Buckets {
  /** Upper bounds, ascending, without +Inf. */
  readonly bounds: readonly number[]
  readonly counts: readonly number[]
}

const parseBound = (le: string | undefined): number =>
  le === '+Inf' || le === 'Inf' ? Number.POSITIVE_INFINITY : Number(le ?? Number.NaN)

const sourceOf = ({ labels }: Increment): string =>
  JSON.stringify(
    Object.entries(labels)
      .filter(([label]) => label !== 'le')
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )

/** The bounds that every one of some layouts has: only there counts of different layouts can be added. */
export function commonBounds(layouts: readonly (readonly number[])[]): number[] {
  const [first = [], ...rest] = layouts
  return first.filter((bound) => rest.every((layout) => layout.includes(bound)))
}

/** The finite bounds that all histograms among some `_bucket` series share; `le` may be spelt 5 or 5.0. */
export function boundsOf(increments: readonly Increment[]): number[] {
  const layouts = new Map<string, number[]>()
  for (const increment of increments) {
    const source = sourceOf(increment)
    const layout = layouts.get(source) ?? []
    const bound = parseBound(increment.labels.le)
    if (Number.isFinite(bound)) layout.push(bound)
    layouts.set(source, layout)
  }
  return commonBounds([...layouts.values()]).toSorted((a, b) => a - b)
}

/** The counts of cumulative `_bucket` increments between the given bounds. */
export function bucketsOf(increments: readonly Increment[], bounds: readonly number[]): Buckets {
  const upTo = (bound: number) =>
    sumOf(increments, ({ labels, count }) => (parseBound(labels.le) === bound ? count : 0))
  const cumulative = [...bounds.map(upTo), upTo(Number.POSITIVE_INFINITY)]
  // A scrape between two writes may show a bucket ahead of the next one.
  return { bounds, counts: cumulative.map((total, i) => Math.max(0, total - (cumulative[i - 1] ?? 0))) }
}

/** The same counts between fewer bounds, which must be among the present ones. */
export function rebucket({ bounds, counts }: Buckets, fewer: readonly number[]): Buckets {
  let i = 0
  const merged = [...fewer, Number.POSITIVE_INFINITY].map((bound) => {
    let sum = 0
    for (; i < counts.length && (bounds[i] ?? Number.POSITIVE_INFINITY) <= bound; i++) sum += counts[i]!
    return sum
  })
  return { bounds: fewer, counts: merged }
}

export interface Quantile {
  readonly value: number
  /** The quantile lies above the last bound: `value` is that bound, and the truth is larger. */
  readonly saturated: boolean
}

/** A quantile in the unit of the bounds, by interpolation inside its bucket as `histogram_quantile` does; undefined without samples. */
export function quantileOf({ bounds, counts }: Buckets, q: number): Quantile | undefined {
  const total = sumOf(counts, (count) => count)
  if (total === 0 || bounds.length === 0) return undefined
  const rank = q * total
  let below = 0
  for (const [i, upper] of bounds.entries()) {
    const inside = counts[i]!
    if (below + inside >= rank && inside > 0) {
      const lower = i === 0 ? Math.min(0, upper) : bounds[i - 1]!
      return { value: lower + (upper - lower) * ((rank - below) / inside), saturated: false }
    }
    below += inside
  }
  return { value: bounds.at(-1)!, saturated: true }
}
