import { digestOfJson } from '../json.ts'
import type { Night } from './night.ts'

const PARTS = ['the dataset', 'the scorers or the judge', 'the model id that answered'] as const

const short = (value: string | null | readonly string[]): string => digestOfJson(value).slice('sha256:'.length, 23)

/** What must not change for nights to be comparable: a short digest of the dataset, of the scorers with their judge, of the model ids that answered. */
export const comparableDigest = ({ fingerprint, answered }: Pick<Night, 'fingerprint' | 'answered'>): string =>
  [short(fingerprint.dataset ?? null), short(fingerprint.scorers ?? null), short([...new Set(answered)].sort())].join(
    '-',
  )

/** In which of those parts two digests differ, in words. */
export function comparableDifference(a: string, b: string): string[] {
  const [ofA, ofB] = [a.split('-'), b.split('-')]
  return PARTS.filter((_, at) => ofA[at] !== ofB[at])
}
