import type { Json, JsonObject } from '@agent-ci/core/json'
import type { JsonPatch } from '../kubernetes/cluster.ts'

/** One weighted destination of a rule: where it stands and how we make sure that it is still the one we mean. */
export interface WeightedEntry {
  readonly index: number
  /** As written; undefined where the field is absent. */
  readonly written: number | undefined
  /** What it counts for, the default of an absent field included. */
  readonly weight: number
  /** Fields below the entry that must be what we saw, for the `test` of a patch. */
  readonly identity: readonly { readonly path: string; readonly value: Json }[]
}

/** The two sides of a rollout in one rule of a route. */
export interface WeightedPair {
  /** What finds the rule again when others came before it. */
  readonly key: string
  /** For messages: `rule 2`. */
  readonly title: string
  /** JSON pointer of the list of destinations. */
  readonly list: string
  readonly length: number
  readonly stable: WeightedEntry
  readonly canary: WeightedEntry | undefined
  /** Sum of the weights of the destinations that are not ours. */
  readonly others: number
}

/** What a pair was before the rollout: the weights as written, null where absent; `canary` is set where the canary was there already. */
export type PairBefore = {
  readonly key: string
  readonly stable: number | null
  readonly canary?: number | null
}

/** Rules may be equal: each gets a key of its own, in their order. */
export const withOwnKeys = (pairs: readonly WeightedPair[]): readonly WeightedPair[] =>
  pairs.map((pair, index) => {
    const twins = pairs.slice(0, index).filter(({ key }) => key === pair.key).length
    return twins === 0 ? pair : { ...pair, key: `${pair.key}#${twins}` }
  })

/**
 * What the weights of a pair sum up to: 100, or where others share the rule what the pair has among them now, for their share must not change.
 */
export const totalOf = ({ stable, canary, others }: WeightedPair): number =>
  others === 0 ? 100 : stable.weight + (canary?.weight ?? 0)

/** The two weights of a pair for a canary weight in percent: whole numbers, and between 0 and 100 neither is 0. */
export function splitWeights(total: number, percent: number): { readonly stable: number; readonly canary: number } {
  const near = Math.round((total * percent) / 100)
  const canary = percent === 0 ? 0 : percent === 100 ? total : Math.min(Math.max(near, 1), total - 1)
  return { stable: total - canary, canary }
}

/** The canary's share of a pair in percent; undefined where it is not in the rule. */
export function shareOfPair({ stable, canary }: WeightedPair): number | undefined {
  if (!canary) return undefined
  const sum = stable.weight + canary.weight
  return sum === 0 ? 0 : (canary.weight * 100) / sum
}

const testsOf = (pair: WeightedPair, entry: WeightedEntry): JsonPatch =>
  entry.identity.map(({ path, value }) => ({ op: 'test', path: `${pair.list}/${entry.index}${path}`, value }))

const weightAt = (pair: WeightedPair, { index, written }: WeightedEntry, value: number | null): JsonPatch => {
  const path = `${pair.list}/${index}/weight`
  if (value === null) return written === undefined ? [] : [{ op: 'remove', path }]
  return written === value ? [] : [{ op: 'add', path, value }]
}

/** The patch that gives the canary a weight in percent in every rule that holds both sides; empty where it has it. */
export const weightPatch = (pairs: readonly WeightedPair[], percent: number): JsonPatch =>
  pairs.flatMap((pair) => {
    if (!pair.canary) return []
    const { stable, canary } = splitWeights(totalOf(pair), percent)
    const writes = [...weightAt(pair, pair.stable, stable), ...weightAt(pair, pair.canary, canary)]
    return writes.length === 0 ? [] : [...testsOf(pair, pair.stable), ...testsOf(pair, pair.canary), ...writes]
  })

/** The patch that puts the canary into every rule that holds stable alone, with weight 0. */
export const adoptionPatch = (
  pairs: readonly WeightedPair[],
  canaryEntry: (pair: WeightedPair) => JsonObject,
): JsonPatch =>
  pairs.flatMap((pair): JsonPatch => {
    if (pair.canary) return []
    return [
      ...testsOf(pair, pair.stable),
      ...weightAt(pair, pair.stable, totalOf(pair)),
      { op: 'add', path: `${pair.list}/${pair.length}`, value: { ...canaryEntry(pair), weight: 0 } },
    ]
  })

/** The patch that makes every pair what it was; one that nobody recorded keeps the canary, with weight 0. */
export const restorePatch = (pairs: readonly WeightedPair[], before: readonly PairBefore[]): JsonPatch =>
  pairs.flatMap((pair): JsonPatch => {
    if (!pair.canary) return []
    const was = before.find(({ key }) => key === pair.key)
    if (!was) return weightPatch([pair], 0)
    const stable = weightAt(pair, pair.stable, was.stable)
    const canary: JsonPatch =
      was.canary === undefined
        ? [{ op: 'remove', path: `${pair.list}/${pair.canary.index}` }]
        : weightAt(pair, pair.canary, was.canary)
    return [...testsOf(pair, pair.stable), ...testsOf(pair, pair.canary), ...stable, ...canary]
  })

/** What must be remembered of each pair; what is known of one that holds the canary already is not overwritten. */
export const recordPairs = (pairs: readonly WeightedPair[], known: readonly PairBefore[]): readonly PairBefore[] =>
  pairs.map((pair) => {
    const was = known.find(({ key }) => key === pair.key)
    if (pair.canary && was) return was
    return {
      key: pair.key,
      stable: pair.stable.written ?? null,
      ...(pair.canary && { canary: pair.canary.written ?? null }),
    }
  })

/** How the weights differ from those asked for; undefined where they do not. */
export function weightDrift(pairs: readonly WeightedPair[], percent: number): string | undefined {
  for (const pair of pairs) {
    if (!pair.canary) return `${pair.title} no longer holds the canary`
    const { stable, canary } = splitWeights(totalOf(pair), percent)
    if (pair.stable.weight !== stable || pair.canary.weight !== canary)
      return `${pair.title} has the weights ${pair.stable.weight} and ${pair.canary.weight}, not ${stable} and ${canary}`
  }
  return pairs.length === 0 ? 'the stable side is not in the route' : undefined
}
