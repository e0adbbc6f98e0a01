import { createHash } from 'node:crypto'
import type { Series } from './prometheus/answer.ts'
import type { ArmName } from './prometheus/selector.ts'

/** What is known of the raw counters of one arm: plain JSON, so that a resumed run goes on counting. */
export interface CounterState {
  /** What was counted up to here, epoch ms of the server, is not ours. */
  readonly startMs: number
  /** Time and value of the last sample of each series. They are kept for ever, because a series that comes back goes on. */
  readonly series: Readonly<Record<string, readonly [atMs: number, value: number]>>
  /** The first time that something was read of each target (pod). */
  readonly targets: Readonly<Record<string, number>>
  /** Of the newest sample; undefined when nothing was ever read. */
  readonly newestMs: number | undefined
}

/** By how much one series grew since it was last read, 0 included. */
export interface Increment {
  readonly labels: Readonly<Record<string, string>>
  readonly count: number
}

export interface Advance {
  readonly state: CounterState
  readonly increments: readonly Increment[]
  /** Series that hold what no counter can hold: a negative number, NaN, a native histogram. */
  readonly refused: readonly Series[]
}

/** Starts to count at a moment: what was counted before belongs to nobody. */
export const startCounting = (startMs: number): CounterState => ({
  startMs,
  series: {},
  targets: {},
  newestMs: undefined,
})

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 12)

const keyOf = (labels: Readonly<Record<string, string>>, keep: (label: string) => boolean): string =>
  hashOf(
    JSON.stringify(
      Object.entries(labels)
        .filter(([label]) => keep(label))
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ),
  )

const TARGET_LABELS: ReadonlySet<string> = new Set(['job', 'instance', 'namespace', 'pod', 'container'])

const isCount = (value: number): boolean => value >= 0 && Number.isFinite(value)

/**
 * Turns raw samples into increments. A drop is a restart of the process: what it then shows was counted since. A series that nobody had
 * seen before counts from 0 where its target was read already (a first error makes a new series), and for the canary, whose pods are new; a
 * stable target that is new to us may have counted for weeks, so its first value is where counting begins. `increase()` would miss a fresh
 * pod's first value, and extrapolates. Samples that were read before, or are older than the start, count nothing.
 */
export function advanceCounters(state: CounterState, arm: ArmName, read: readonly Series[]): Advance {
  const refused = read.filter(({ native, samples }) => native || samples.some(({ value }) => !isCount(value)))
  const usable = read.filter((one) => one.samples.length > 0 && !refused.includes(one))
  const series: Record<string, readonly [number, number]> = { ...state.series }
  const targets: Record<string, number> = { ...state.targets }
  const known = usable.map((one) => ({ ...one, target: keyOf(one.labels, (label) => TARGET_LABELS.has(label)) }))
  for (const { target, samples } of known) {
    targets[target] = Math.min(targets[target] ?? Number.POSITIVE_INFINITY, samples[0]!.atMs)
  }
  let newestMs = state.newestMs
  const increments: Increment[] = []
  for (const { labels, samples, target } of known) {
    const key = keyOf(labels, () => true)
    const first = samples[0]!
    const fromZero = arm === 'canary' || targets[target]! < first.atMs
    let [lastMs, last] = series[key] ?? [Number.NEGATIVE_INFINITY, fromZero ? 0 : first.value]
    let count = 0
    for (const { atMs, value } of samples) {
      if (atMs <= lastMs) continue
      if (atMs > state.startMs) count += value >= last ? value - last : value
      last = value
      lastMs = atMs
    }
    series[key] = [lastMs, last]
    newestMs = Math.max(newestMs ?? lastMs, lastMs)
    increments.push({ labels, count })
  }
  return { state: { ...state, series, targets, newestMs }, increments, refused }
}
