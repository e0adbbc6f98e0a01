import { ConfigurationError } from '../errors.ts'
import { suggestName } from '../nearest.ts'
import { forLog } from '../untrusted.ts'
import { type Blessing, EVERY } from './blessing.ts'
import type { Night } from './night.ts'

export interface BlessingRequest {
  /** A run's id. */
  readonly run: string
  readonly reason: string
  /** Who says so. */
  readonly by: string
  /** ISO 8601. */
  readonly at: string
  /** Empty: every dataset of the run. */
  readonly dataset: string
  /** Empty: every model. */
  readonly model: string
}

/** How many runs a refusal names. */
const NAMED_RUNS = 10

/**
 * The blessings of a run, one for each of its datasets, so that what it did not evaluate keeps its baseline. @throws ConfigurationError for a
 * run that the history does not know, and for one that measured nothing of what is meant
 */
export function bless(nights: readonly Night[], request: BlessingRequest): Blessing[] {
  const { run, reason, by, at, dataset, model } = request
  if (reason.trim() === '')
    throw new ConfigurationError({
      what: 'There is no --reason',
      why: 'A baseline is moved by a person who says why, and the words are kept',
      mend: `Write for example agent-ci baseline bless ${forLog(run, 50) || '<run>'} --reason "the new prompts are meant to be shorter"`,
    })
  const current = nights.filter((night) => night.arm === 'current')
  const ofRun = current.filter((night) => night.run?.id === run)
  if (ofRun.length === 0) throw unknownRun(run, current)
  refuseUnknown(
    'dataset',
    dataset,
    ofRun.map((night) => night.dataset),
    run,
  )
  refuseUnknown(
    'model',
    model,
    ofRun.flatMap((night) => night.model ?? []),
    run,
  )
  const meant = ofRun.filter(
    (night) => (dataset === '' || night.dataset === dataset) && (model === '' || night.model === model),
  )
  const measured = meant.filter(({ verdict }) => verdict !== 'errored')
  if (measured.length === 0)
    throw new ConfigurationError({
      what: `Run ${run} measured nothing of what is to be blessed`,
      why: 'A baseline has to begin with a night that was measured',
      mend: 'Bless another run',
    })
  return [...new Set(measured.map((night) => night.dataset))].map((name) => ({
    schema_version: 1,
    at,
    by,
    reason: reason.trim(),
    run,
    night: measured
      .filter((night) => night.dataset === name)
      .map(({ night }) => night)
      .sort()[0]!,
    dataset: name,
    model: model || EVERY,
  }))
}

function unknownRun(run: string, current: readonly Night[]): ConfigurationError {
  const known = new Map(current.flatMap((night) => (night.run ? [[night.run.id, night.night] as const] : [])))
  const newest = [...known].slice(-NAMED_RUNS).map(([id, night]) => `${forLog(id, 50)} (${night})`)
  return new ConfigurationError({
    what: `The history knows no run ${JSON.stringify(forLog(run, 100))}`,
    why:
      newest.length === 0
        ? 'It holds no run at all'
        : `It holds ${known.size} runs; the newest are ${newest.join(', ')}`,
    mend: newest.length === 0 ? 'Let nightly-eval run first' : 'Write the id of one of them',
  })
}

function refuseUnknown(what: 'dataset' | 'model', name: string, known: readonly string[], run: string): void {
  if (name === '' || known.includes(name)) return
  const names = [...new Set(known)]
  throw new ConfigurationError({
    what: `Run ${run} evaluated no ${what} "${forLog(name, 100)}"`,
    why:
      names.length === 0
        ? `Its agent chose the ${what}`
        : `It evaluated ${names.map((each) => forLog(each, 100)).join(', ')}`,
    mend:
      names.length === 0
        ? `Leave --${what} out`
        : suggestName(
            name,
            names.map((each) => forLog(each, 100)),
          ),
  })
}
