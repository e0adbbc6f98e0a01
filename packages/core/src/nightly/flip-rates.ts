import { groupBy } from '../group-by.ts'
import { canonicalJson } from '../json.ts'
import { comparableDigest, heldStill } from './comparable.ts'
import { trialsOf } from './imperfect.ts'
import type { Night } from './night.ts'

/** An example's trials of one night. */
export interface ExampleNight {
  readonly at: Night
  readonly passes: number
  readonly runs: number
}

/** How an example behaves where nothing was changed. */
export interface FlipRate {
  readonly dataset: string
  readonly id: string
  /** The chance that a trial of one night and one of the next disagree; 0.5 is a coin. A lasting change is a single flip. */
  readonly rate: number
  /** Pairs of nights that it rests on. */
  readonly pairs: number
  /** The nights of those pairs, in rows of neighbours. */
  readonly chains: readonly (readonly ExampleNight[])[]
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
  const chains = new Map<string, { dataset: string; id: string; chains: ExampleNight[][] }>()
  for (const inOrder of sameNights(nights)) {
    for (const id of new Set(inOrder.flatMap(({ imperfect }) => Object.keys(imperfect)))) {
      const { dataset } = inOrder[0]!
      const key = JSON.stringify([dataset, id])
      const known = chains.get(key) ?? { dataset, id, chains: [] }
      known.chains.push(...chainsOf(inOrder, id, from(dataset, id)))
      if (known.chains.length > 0) chains.set(key, known)
    }
  }
  return [...chains.values()].map(rateOf).sort((a, b) => b.rate - a.rate || (a.id < b.id ? -1 : 1))
}

/** The measured nights between which nothing was changed, each group in order. */
export function sameNights(nights: readonly Night[]): Night[][] {
  const measured = nights.filter(({ verdict, examples }) => verdict !== 'errored' && examples > 0)
  return [...groupBy(measured, sameness).values()].map((group) => [...byNight(group).values()])
}

/** Nights in a row on which an example was measured; a single one makes no pair. */
function chainsOf(inOrder: readonly Night[], id: string, first: string | undefined): ExampleNight[][] {
  const chains: ExampleNight[][] = [[]]
  for (const at of inOrder) {
    if (first !== undefined && at.night < first) continue
    const [passes, runs] = trialsOf(at, id)
    if (runs === 0) chains.push([])
    else chains.at(-1)!.push({ at, passes, runs })
  }
  return chains.filter(({ length }) => length > 1)
}

function rateOf(example: Pick<FlipRate, 'dataset' | 'id' | 'chains'>): FlipRate {
  let [flips, pairs] = [0, 0]
  for (const chain of example.chains)
    for (const [place, night] of chain.slice(1).entries()) {
      const [a, b] = [chain[place]!, night].map(({ passes, runs }) => passes / runs) as [number, number]
      flips += a * (1 - b) + b * (1 - a)
      pairs++
    }
  return { ...example, rate: flips / pairs, pairs }
}

const sameness = (night: Night): string =>
  canonicalJson([night.dataset, night.model, night.prompts, night.arm, comparableDigest(night), ...heldStill(night)])

/** The last run of each night, in order. */
const byNight = (nights: readonly Night[]): Map<string, Night> =>
  new Map(
    [...nights]
      .sort((a, b) => (a.night + a.finished_at < b.night + b.finished_at ? -1 : 1))
      .map((night) => [night.night, night]),
  )
