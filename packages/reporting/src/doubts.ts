import { meets } from '@agent-ci/core/gate'
import type { Results } from '@agent-ci/core/results'
import { countOf, formatThreshold } from './numbers.ts'
import { type GateReading, readGates } from './readings.ts'

/** `50 examples are`, `1 trial is`: what a gate rests on. Of a run with repeats the trials are counted. */
export function sampleIs({ metrics, repeats, total_examples }: Results, { key }: GateReading): string {
  const trials = metrics[key]?.n ?? total_examples
  return `${countOf(trials, repeats > 1 ? 'trial' : 'example')} ${trials === 1 ? 'is' : 'are'}`
}

/** Whether the rule is met by what was observed, or by all that is still possible; null where that is not known. */
export function observedMeets({ comparator, threshold, value, possible }: GateReading): boolean | null {
  if (comparator === null || threshold === null) return null
  const [low, high] = value === null ? (possible ?? []) : [value, value]
  if (low === undefined || high === undefined) return null
  const met = meets(low, comparator, threshold)
  return met === meets(high, comparator, threshold) ? met : null
}

/** An inconclusive gate for somebody who knows no statistics. May quote tags: untrusted. */
export interface Doubt {
  readonly title: string
  readonly meaning: string
  readonly next: string
}

function meaningOf(results: Results, gate: GateReading): string {
  const { title, interval, intervalText, threshold, unit } = gate
  if (intervalText === '' || threshold === null) return `${gate.reason}.`
  const where = `anywhere ${interval ? 'within ' : ''}${intervalText}, on either side of ${formatThreshold(threshold, unit)}`
  return `${sampleIs(results, gate)} a sample, and luck plays a part: the true ${title} may lie ${where}. So this run shows neither that the rule holds nor that it is broken.`
}

/** The inconclusive gates: what that means, and what to do next. */
export const readDoubts = (results: Results): Doubt[] =>
  readGates(results)
    .filter(({ verdict }) => verdict === 'inconclusive')
    .map((gate) => ({
      title: gate.title,
      meaning: meaningOf(results, gate),
      next: gate.advice === '' ? 'Run more examples: the more there are, the narrower that range becomes.' : gate.advice,
    }))
