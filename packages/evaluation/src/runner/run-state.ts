import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigurationError } from '@agent-ci/core/errors'
import { differingParts, type Fingerprint } from '@agent-ci/core/fingerprint'
import type { Sample, Shard } from '@agent-ci/core/quantities'
import * as z from 'zod'

const runStateSchema = z.object({
  schema_version: z.literal(1),
  fingerprint: z.record(z.string(), z.string().nullable()),
  seed: z.string(),
  repeats: z.int(),
  /** Sample and shard: which of the dataset's examples the run takes. */
  selection: z.string(),
  started_at: z.string(),
  complete: z.boolean(),
})

type StoredRunState = z.infer<typeof runStateSchema>

/** What a run must share with an earlier one to go on with its trials. */
export interface RunIdentity {
  readonly fingerprint: Fingerprint
  readonly repeats: number
  readonly sample?: Sample
  readonly shard?: Shard
  /** Only where the user gave one. */
  readonly seed?: string
}

const FILE = 'run.json'
const selectionOf = ({ sample, shard }: RunIdentity): string => JSON.stringify([sample ?? null, shard ?? null])

/** Writes what the trials in a directory belong to. */
export function writeRunState(
  directory: string,
  identity: RunIdentity & { readonly seed: string },
  startedAt: string,
  complete: boolean,
): void {
  const state: StoredRunState = {
    schema_version: 1,
    fingerprint: { ...identity.fingerprint },
    seed: identity.seed,
    repeats: identity.repeats,
    selection: selectionOf(identity),
    started_at: startedAt,
    complete,
  }
  const path = join(directory, FILE)
  writeFileSync(`${path}.new`, `${JSON.stringify(state, null, 2)}\n`)
  renameSync(`${path}.new`, path)
}

function readRunState(directory: string): StoredRunState | undefined {
  try {
    return runStateSchema.parse(JSON.parse(readFileSync(join(directory, FILE), 'utf8')))
  } catch {
    return undefined
  }
}

/** `kept`: also a run that ended, of which nothing is left to be run. */
export type Resume = 'auto' | 'always' | 'never' | 'kept'

/**
 * The seed of an earlier run in the directory that this one can continue, or undefined to start anew. `auto` continues a run of the
 * same identity that did not end; `always` refuses when there is none, saying what differs.
 */
export function resumableSeed(directory: string, identity: RunIdentity, mode: Resume): string | undefined {
  if (mode === 'never') return undefined
  const state = readRunState(directory)
  const refuse = (why: string): undefined => {
    if (mode !== 'always') return undefined
    throw new ConfigurationError({
      what: 'resume is "always"',
      why,
      mend: 'Write resume: auto to start anew in such a case, or take back the change',
    })
  }
  if (!state) return refuse(`There is no run to continue in ${directory}`)
  const differing = differingParts(state.fingerprint as unknown as Fingerprint, identity.fingerprint)
  if (differing.length > 0) return refuse(`The run there tested something else: ${differing.join(', ')} differ`)
  if (state.repeats !== identity.repeats || state.selection !== selectionOf(identity))
    return refuse('The run there had other repeats, sample or shard')
  if (identity.seed !== undefined && identity.seed !== state.seed)
    return refuse(`The run there had the seed ${state.seed}`)
  return mode === 'auto' && state.complete ? undefined : state.seed
}
