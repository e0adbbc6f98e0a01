import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { BaselineOrigin, ExampleSummary } from '@agent-ci/core/comparison'
import { ConfigurationError } from '@agent-ci/core/errors'
import { differingParts, type Fingerprint } from '@agent-ci/core/fingerprint'
import { type Results, resultsSchema } from '@agent-ci/core/results'
import { type TrialRecord, trialRecordSchema } from '@agent-ci/core/trial-record'
import { readLines } from '../runner/complete-lines.ts'
import { summarizeTrials } from './summarize.ts'

export interface Baseline {
  readonly origin: BaselineOrigin
  readonly examples: readonly ExampleSummary[]
}

const refuse = (path: string, why: string): never => {
  throw new ConfigurationError({
    what: `baseline is "${path}"`,
    why,
    mend: 'Write the output-dir of an earlier run, or the trials.jsonl in it',
  })
}

/** The trials file that a path means: the file itself, or the one beside results.json or in a directory. */
function trialsFile(path: string, cwd: string): string {
  const file = resolve(cwd, path)
  const stat = statSync(file, { throwIfNoEntry: false })
  if (!stat) return refuse(path, 'There is no such file or directory')
  if (stat.isDirectory()) return join(file, 'trials.jsonl')
  return basename(file) === 'results.json' ? join(dirname(file), 'trials.jsonl') : file
}

function* recordsIn(file: string, path: string): Generator<TrialRecord> {
  let number = 0
  for (const line of readLines(file)) {
    number++
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      refuse(path, `Line ${number} of ${basename(file)} is not JSON`)
    }
    const record = trialRecordSchema.safeParse(value)
    if (!record.success)
      refuse(
        path,
        `Line ${number} of ${basename(file)} is no trial: ${record.error.issues[0]?.path.join('.')} ${record.error.issues[0]?.message}`,
      )
    else yield record.data
  }
}

function resultsBeside(file: string): Results | undefined {
  try {
    return resultsSchema.parse(JSON.parse(readFileSync(join(dirname(file), 'results.json'), 'utf8')))
  } catch {
    return undefined
  }
}

/** Reads an earlier run from its trials. Its content is data of another run: checked by schema, and nothing in it is followed. */
export function readBaseline(path: string, cwd: string, fingerprint: Fingerprint): Baseline {
  const file = trialsFile(path, cwd)
  if (!statSync(file, { throwIfNoEntry: false })) refuse(path, `There is no ${basename(file)} in it`)
  const examples = summarizeTrials(recordsIn(file, path))
  if (examples.length === 0) refuse(path, 'It holds no measured trial')
  const results = resultsBeside(file)
  return {
    origin: {
      source: path,
      code: results?.fingerprint.code ?? null,
      finishedAt: results?.finished_at ?? null,
      differs: results ? differingParts(results.fingerprint as unknown as Fingerprint, fingerprint) : [],
    },
    examples,
  }
}
