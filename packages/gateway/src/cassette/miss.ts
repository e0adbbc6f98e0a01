import { relative } from 'node:path'
import type { Json } from '@agent-ci/core/json'
import { type Difference, differences, formatDifference } from './difference.ts'
import { type MatchingRules, normalise } from './normalise.ts'
import type { RecordedRequest, Recording, RecordingId } from './recording.ts'

const SHOWN_DIFFERENCES = 3
const SHOWN_PLACES = 5

/** What a request differs in from a recorded one, as the rules see them; places in the body are named without `body`. */
function differencesFrom(recorded: RecordedRequest, asked: RecordedRequest, rules: MatchingRules): Difference[] {
  const comparable = ({ method, path, headers, body }: RecordedRequest): Json => {
    return { method, path, headers, body: normalise(body, rules) }
  }
  return differences(comparable(recorded), comparable(asked)).map((difference) => ({
    ...difference,
    path: difference.path.replace(/^body\.?/, '') || 'body',
  }))
}

export interface Candidate {
  readonly recording: Recording
  readonly file: string
}

export interface Miss {
  readonly id: RecordingId
  readonly request: RecordedRequest
  readonly directory: string
  readonly rules: MatchingRules
  /** Where the same request was recorded. */
  readonly occurrences: readonly RecordingId[]
  readonly candidates: readonly Candidate[]
}

const place = ({ example, repeat, ordinal }: RecordingId): string => {
  const count = `request ${ordinal + 1} of its kind`
  return example === null ? count : `${count} in example ${JSON.stringify(example)}, repeat ${repeat}`
}

/** Why there is no recording for a request: what differs from the nearest one, and what to do about it. */
export function explainMiss({ id, request, directory, rules, occurrences, candidates }: Miss): string {
  const what = `No recording of ${request.method} ${request.path} (${place(id)}) in ${directory}.`
  if (occurrences.length > 0) {
    const times = new Map<string, number>()
    for (const { example, repeat } of occurrences) {
      const where = example === null ? 'no example' : `example ${JSON.stringify(example)}, repeat ${repeat}`
      times.set(where, (times.get(where) ?? 0) + 1)
    }
    const list = [...times].slice(0, SHOWN_PLACES).map(([where, count]) => `${count} in ${where}`)
    return `${what} The same request was recorded elsewhere or less often: ${list.join('; ')}. Record it with mode record or auto.`
  }
  let nearest: { candidate: Candidate; found: Difference[] } | undefined
  for (const candidate of candidates) {
    const found = differencesFrom(candidate.recording.request, request, rules)
    if (!nearest || found.length < nearest.found.length) nearest = { candidate, found }
  }
  if (!nearest) return `${what} There are no recordings of this kind. Record it with mode record or auto.`
  const { candidate, found } = nearest
  const from = `the nearest recording (${relative(directory, candidate.file)}, ${candidate.recording.at})`
  if (found.length === 0) {
    return `${what} It equals ${from}, which was recorded under other ignore or normalise settings. Record it again with mode record or auto.`
  }
  const shown = found.slice(0, SHOWN_DIFFERENCES).map(formatDifference)
  const more = found.length > shown.length ? `; and ${found.length - shown.length} more` : ''
  return `${what} It differs from ${from} in ${shown.join('; ')}${more}. Record it again with mode record or auto, or add what may vary to ignore or normalise.`
}
