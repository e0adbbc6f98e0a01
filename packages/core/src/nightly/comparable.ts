import { digestOfJson } from '../json.ts'
import { isOfClean } from '../metric.ts'
import type { Night } from './night.ts'

const PARTS = ['the dataset', 'the scorers or the judge', 'the model id that answered'] as const

/** What an A/A comparison holds still, beside what makes nights comparable at all. */
const HELD_STILL = ['prompts', 'config', 'model', 'tools'] as const

export const heldStill = ({ fingerprint }: Pick<Night, 'fingerprint'>): (string | null)[] =>
  HELD_STILL.map((part) => fingerprint[part] ?? null)

/** A short digest of prompts, configuration, model and tools. */
export const heldDigest = (night: Pick<Night, 'fingerprint'>): string =>
  digestOfJson(heldStill(night)).slice('sha256:'.length, 23)

const short = (value: string | null | readonly string[]): string => digestOfJson(value).slice('sha256:'.length, 23)

/**
 * What must not change for nights to be comparable: a short digest of the dataset, of the scorers with their judge, of the model ids that
 * answered. What is not of the clean examples alone depends on the probes too, but not on their seed, which is to change.
 */
export function comparableDigest(
  { fingerprint, answered }: Pick<Night, 'fingerprint' | 'answered'>,
  metric?: string,
): string {
  const { dataset = null, attacks, scorers = null } = fingerprint
  const asked = attacks && metric !== undefined && !isOfClean(metric) ? [String(dataset), attacks] : dataset
  return [short(asked), short(scorers), short([...new Set(answered)].sort())].join('-')
}

/** In which of those parts two digests differ, in words. */
export function comparableDifference(a: string, b: string): string[] {
  const [ofA, ofB] = [a.split('-'), b.split('-')]
  return PARTS.filter((_, at) => ofA[at] !== ofB[at])
}
