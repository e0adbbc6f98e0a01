import { statSync } from 'node:fs'
import { isJsonObject, jsonEqual } from '@agent-ci/core/json'
import { cassetteFiles, isJournal, pathIn } from './files.ts'
import { requestKey } from './key.ts'
import type { MatchingRules } from './normalise.ts'
import { RecordingReader } from './reader.ts'
import type { Recording } from './recording.ts'
import { type Damage, type Location, RecordingIndex } from './recording-index.ts'
import type { Redactor } from './redaction.ts'

function* recordings(index: RecordingIndex): Generator<{ location: Location; recording: Recording | undefined }> {
  const reader = new RecordingReader()
  try {
    for (const { location } of index.entries()) yield { location, recording: reader.read(location) }
  } finally {
    reader.close()
  }
}

export interface CassetteStats {
  readonly files: number
  /** Files that `pack` would merge. */
  readonly journals: number
  readonly bytes: number
  readonly recordings: number
  readonly superseded: number
  readonly damaged: number
  readonly examples: number
  /** By endpoint and model: `messages claude-opus-5-5`. */
  readonly calls: Readonly<Record<string, number>>
  /** What the recordings cost when they were made; null where a price was unknown. */
  readonly costUsd: number | null
  readonly oldest: string | null
  readonly newest: string | null
}

/** Sums a directory up. */
export function cassetteStats(directory: string): CassetteStats {
  const names = cassetteFiles(directory)
  const index = RecordingIndex.read(directory)
  const calls: Record<string, number> = {}
  const examples = new Set<string | null>()
  const times: string[] = []
  let costUsd: number | null = 0
  for (const { recording } of recordings(index)) {
    if (!recording) continue
    const { request, response } = recording
    const model = isJsonObject(request.body) && typeof request.body.model === 'string' ? ` ${request.body.model}` : ''
    calls[`${request.endpoint}${model}`] = (calls[`${request.endpoint}${model}`] ?? 0) + 1
    examples.add(recording.example)
    times.push(recording.at)
    costUsd = costUsd === null || response.cost_usd === null ? null : costUsd + response.cost_usd
  }
  times.sort()
  return {
    files: names.length,
    journals: names.filter(isJournal).length,
    bytes: names.reduce((sum, name) => sum + statSync(pathIn(directory, name)).size, 0),
    recordings: index.size,
    superseded: index.superseded,
    damaged: index.damage.length,
    examples: [...examples].filter((example) => example !== null).length,
    calls: Object.fromEntries(Object.entries(calls).sort(([a], [b]) => (a < b ? -1 : 1))),
    costUsd,
    oldest: times[0] ?? null,
    newest: times.at(-1) ?? null,
  }
}

/** Something in a directory that is not as it should be. */
export interface Finding {
  readonly kind: 'damaged' | 'unreadable' | 'secret' | 'unreachable'
  readonly file: string
  readonly message: string
}

const fromDamage = ({ file, line, reason }: Damage): Finding => ({
  kind: 'damaged',
  file,
  message: `line ${line} ${reason}`,
})

/**
 * What is wrong with a directory: damaged lines, lines of another version, texts that the redactor would blot out (a key that came
 * in before its pattern was known), and, with `rules`, recordings that no request can find because the rules have changed.
 */
export function verifyCassettes(directory: string, redactor: Redactor, rules?: MatchingRules): Finding[] {
  const index = RecordingIndex.read(directory)
  const findings = index.damage.map(fromDamage)
  for (const { location, recording } of recordings(index)) {
    const { file, offset } = location
    const found = (kind: Finding['kind'], message: string) => {
      findings.push({ kind, file, message: `the recording at byte ${offset} ${message}` })
    }
    if (!recording) {
      found('unreadable', 'was written by another version')
      continue
    }
    const { request, response } = recording
    if (!jsonEqual(redactor.json({ request, response } as never), { request, response } as never)) {
      found('secret', 'holds what looks like a secret')
    }
    if (rules && requestKey(request, rules) !== recording.key) {
      found('unreachable', 'was recorded under other ignore or normalise settings')
    }
  }
  return findings
}
