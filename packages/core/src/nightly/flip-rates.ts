import { groupBy } from '../group-by.ts'
import { canonicalJson } from '../json.ts'
import { comparableDigest } from './comparable.ts'
import { trialsOf } from './imperfect.ts'
import type { Night } from './night.ts'

/** What an A/A comparison holds still, beside what makes nights comparable at all. */
const HELD_STILL = ['prompts', 'config', 'model', 'tools'] as const

/** How an example behaves where nothing was changed. */
export interface FlipRate {
  readonly dataset: string
  readonly id: string
  /** The chance that a trial of one night and one of the next disagree; 0.5 is a coin. A lasting change is a single flip. */
  readonly rate: number
  /** Pairs of nights that it rests on. */
  readonly pairs: number
}

/**
 * The noise floor of the golden examples: how often each flips from one night to the next with the same dataset, judge, answering model,
 * prompts and configuration. Examples that always pass have no entry.
 * @param from the first night that counts for an example; undefined: every one
 */
export function flipRates(
  nights: readonly Night[],
  from: (dataset: string, id: string) => string | undefined = () => undefined,
): FlipRate[] {
  const sums = new Map<string, { dataset: string; id: string; flips: number; pairs: number }>()
  const measured = nights.filter(({ verdict, examples }) => verdict !== 'errored' && examples > 0)
  for (const group of groupBy(measured, sameness).values()) {
    const inOrder = [...byNight(group).values()]
    for (const id of new Set(inOrder.flatMap(({ imperfect }) => Object.keys(imperfect)))) {
      const { dataset } = inOrder[0]!
      const first = from(dataset, id)
      const key = JSON.stringify([dataset, id])
      const sum = sums.get(key) ?? { dataset, id, flips: 0, pairs: 0 }
      for (const [at, night] of inOrder.entries()) {
        const before = inOrder[at - 1]
        if (!before || (first !== undefined && before.night < first)) continue
        const [a, b] = [passChance(before, id), passChance(night, id)]
        if (a === undefined || b === undefined) continue
        sum.flips += a * (1 - b) + b * (1 - a)
        sum.pairs++
      }
      if (sum.pairs > 0) sums.set(key, sum)
    }
  }
  return [...sums.values()]
    .map(({ dataset, id, flips, pairs }) => ({ dataset, id, rate: flips / pairs, pairs }))
    .sort((a, b) => b.rate - a.rate || (a.id < b.id ? -1 : 1))
}

const sameness = (night: Night): string =>
  canonicalJson([
    night.dataset,
    night.model,
    night.prompts,
    night.arm,
    comparableDigest(night),
    ...HELD_STILL.map((part) => night.fingerprint[part] ?? null),
  ])

/** The last run of each night, in order. */
const byNight = (nights: readonly Night[]): Map<string, Night> =>
  new Map(
    [...nights]
      .sort((a, b) => (a.night + a.finished_at < b.night + b.finished_at ? -1 : 1))
      .map((night) => [night.night, night]),
  )

function passChance(night: Night, id: string): number | undefined {
  const [passes, runs] = trialsOf(night, id)
  return runs === 0 ? undefined : passes / runs
}
