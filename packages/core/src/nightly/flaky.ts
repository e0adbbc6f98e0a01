import { groupBy } from '../group-by.ts'
import { flipSteps, flipTail } from '../statistics/flip-tail.ts'
import { bhAdjusted } from '../statistics/multiplicity.ts'
import { type FlipRate, flipRates } from './flip-rates.ts'
import { trialsOf } from './imperfect.ts'
import type { Night } from './night.ts'

export interface FlakySettings {
  /** From which flip rate an example is flaky: 0.2 is one that passes four to nine times in ten. */
  readonly flipRate: number
  /** Pairs of nights that it takes to say so. */
  readonly leastPairs: number
}

/** The latest nights that are looked at: what an example did before says little of what it does now. */
const WINDOW = 28

/** The share of ordinary examples that is accepted among those called flaky. */
const FALSE_DISCOVERY_RATE = 0.05

/** Flaky ones would raise the ordinary error rate: at first this share that flips most is taken for flaky, then those that were found. */
const FIRST_SHARE = 0.1
const MOST_ROUNDS = 10

/**
 * The examples of each dataset that flip often, and more often than the errors which any of its examples makes would explain (an exact
 * tail, Benjamini & Hochberg over the dataset), those with the highest rate first.
 * @param from the first night that counts for an example; undefined: every one
 */
export function flakyExamples(
  nights: readonly Night[],
  settings: FlakySettings,
  from?: (dataset: string, id: string) => string | undefined,
): FlipRate[] {
  return [...groupBy(nights, ({ dataset }) => dataset).values()].flatMap((group) =>
    flakyOf(recent(group), settings, from),
  )
}

function recent(nights: readonly Night[]): Night[] {
  const dates = [...new Set(nights.map(({ night }) => night))].sort()
  const first = dates.at(-WINDOW) ?? dates[0]
  return first === undefined ? [] : nights.filter(({ night }) => night >= first)
}

function flakyOf(
  nights: readonly Night[],
  { flipRate, leastPairs }: FlakySettings,
  from: ((dataset: string, id: string) => string | undefined) | undefined,
): FlipRate[] {
  const rates = flipRates(nights, from).filter(({ pairs }) => pairs >= leastPairs)
  const candidates = rates.filter(({ rate }) => rate >= flipRate)
  const size = Math.max(0, ...nights.map(({ examples }) => examples))
  // An example that fails as a rule says nothing of how often one that passes fails by chance.
  const failing = new Set(idsOf(rates.filter(passesSeldom)))
  const others = Array.from({ length: Math.max(0, size - candidates.length) }, () => 1)
  let flaky = candidates.slice(0, Math.floor(FIRST_SHARE * size))
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const failure = ordinaryFailures(nights, new Set([...failing, ...idsOf(flaky)]), flipRate)
    const tails = new Map<string, Float64Array>()
    const adjusted = bhAdjusted([...candidates.map((example) => chanceOf(example, failure, tails)), ...others])
    const found = candidates.filter((_, at) => adjusted[at]! <= FALSE_DISCOVERY_RATE)
    const same = found.length === flaky.length && found.every((one, at) => one === flaky[at])
    flaky = found
    if (same) break
  }
  return flaky
}

const idsOf = (examples: readonly FlipRate[]): string[] => examples.map(({ id }) => id)

function passesSeldom({ chains }: FlipRate): boolean {
  const nights = chains.flat()
  const share = nights.reduce((sum, { passes, runs }) => sum + passes / runs, 0) / nights.length
  return share < 0.5
}

/**
 * The chance on each night that a trial of an ordinary example fails: the mean of all nights, more on one that was surely worse for all of them.
 * @param without examples that are not ordinary
 * @param flipRate what flips more often than this is ordinary nowhere, however many do
 */
function ordinaryFailures(
  nights: readonly Night[],
  without: ReadonlySet<string>,
  flipRate: number,
): (night: Night) => number {
  const counted = nights.filter(({ verdict, examples }) => verdict !== 'errored' && examples > 0)
  const counts = new Map(counted.map((night) => [night, failuresOf(night, without)]))
  let [failed, trials] = [0, 0]
  for (const count of counts.values()) {
    failed += count.failed
    trials += count.trials
  }
  // One more than was seen: a set without an error yet is not one that makes none.
  const mean = (failed + 1) / (trials + 1)
  // The solution of 2·x·(1-x) = flipRate.
  const most = (1 - Math.sqrt(Math.max(0, 1 - 2 * flipRate))) / 2
  return (night) => {
    const { failed: own, trials: of } = counts.get(night)!
    const chance = of === 0 ? 0 : (own - 2 * Math.sqrt(of * mean * (1 - mean))) / of
    return mean >= most ? most : Math.max(mean, chance)
  }
}

function failuresOf(night: Night, without: ReadonlySet<string>): { readonly failed: number; readonly trials: number } {
  let failed = 0
  let trials = night.examples * night.repeats
  for (const id of new Set([...without, ...Object.keys(night.imperfect)])) {
    const [passes, runs] = trialsOf(night, id)
    trials += (without.has(id) ? 0 : runs) - night.repeats
    if (!without.has(id)) failed += runs - passes
  }
  return { failed, trials: Math.max(0, trials) }
}

/** How likely an ordinary example is to flip as often as this one did. */
function chanceOf({ chains }: FlipRate, failure: (night: Night) => number, tails: Map<string, Float64Array>): number {
  const trialNights = chains.map((chain) => chain.map(({ at, runs }) => ({ runs, failure: failure(at) })))
  // Most examples were measured on the same nights.
  const key = JSON.stringify(trialNights)
  const tail = tails.get(key) ?? flipTail(trialNights)
  tails.set(key, tail)
  let steps = 0
  for (const chain of chains)
    for (const [place, night] of chain.slice(1).entries()) {
      const before = chain[place]!
      steps += flipSteps(before.passes / before.runs, night.passes / night.runs)
    }
  return tail[steps] ?? 0
}
