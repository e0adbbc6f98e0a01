import { meets } from '@agent-ci/core/gate'
import type { Results } from '@agent-ci/core/results'
import { countOf } from './numbers.ts'
import { type GateReading, readGates } from './readings.ts'

/** `50 examples are`, `1 trial is`: what a gate rests on. Of a run with repeats the trials are counted. */
export function sampleIs({ metrics, repeats, total_examples }: Results, { key }: GateReading): string {
  const trials = metrics[key]?.n ?? total_examples
  return `${countOf(trials, repeats > 1 ? 'trial' : 'example')} ${trials === 1 ? 'is' : 'are'}`
}

/** Whether the rule is met by what was observed, or by all that is still possible; null where that is not known. */
export function observedMeets({ comparator, threshold, value, possible }: GateReading): boolean | null {
  if (comparator === null || threshold === null) return null
  const range = value === null ? possible : ([value, value] as const)
  if (!range) return null
  const met = meets(range[0], comparator, threshold)
  return met === meets(range[1] ?? Infinity, comparator, threshold) ? met : null
}

/** An inconclusive gate for somebody who knows no statistics. The texts may quote tags: untrusted. */
export interface Doubt {
  readonly title: string
  readonly meaning: string
  readonly next: string
}

/** The inconclusive gates: what that means, and what to do next. */
export const readDoubts = (results: Results): Doubt[] =>
  readGates(results)
    .filter(({ verdict, setAside }) => verdict === 'inconclusive' && !setAside)
    .map((gate) => ({
      title: gate.title,
      meaning: `${sampleIs(results, gate)} only a sample, and luck plays a part. ${gate.reason}`,
      next: gate.advice === '' ? 'Run more examples: the more there are, the less luck counts.' : gate.advice,
    }))

/** What an inconclusive run does to its job: the setting that decides, and its default. */
export function jobNote(results: Results): string {
  if (results.shard) return 'A shard does not fail its job by its values; the job that joins the shards decides.'
  const met = readGates(results)
    .filter(({ setAside }) => !setAside)
    .map(observedMeets)
  const here = met.includes(null) ? '' : `, so that this job ${met.includes(false) ? 'fails' : 'passes'}`
  return `The setting on-inconclusive decides whether such a run fails its job; by default what was observed counts${here}.`
}
