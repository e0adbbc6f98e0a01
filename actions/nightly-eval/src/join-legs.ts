import { copyFileSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { Host } from '@agent-ci/core/host'
import { forLog } from '@agent-ci/core/untrusted'
import { legName } from '@agent-ci/reporting/nightly/wording'
import { notEvaluated } from './evaluate-leg.ts'
import type { Evaluator } from './evaluator.ts'
import { type EvaluatedLeg, LEG_FILE, LEG_FILES, type LegRecord, legRecordSchema } from './leg-record.ts'
import type { Leg } from './legs.ts'
import type { NightFacts } from './night-of.ts'

/** A directory of artifacts is not deep, and no night has so many legs. */
const MOST_DEPTH = 6
const MOST_RECORDS = 10_000

export interface FoundLeg {
  readonly record: LegRecord
  readonly directory: string
}

function* recordFiles(directory: string, depth: number): Generator<string> {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isFile() && entry.name === LEG_FILE) yield path
    else if (entry.isDirectory() && depth < MOST_DEPTH) yield* recordFiles(path, depth + 1)
  }
}

function readRecords(directory: string, host: Host): FoundLeg[] {
  const found: FoundLeg[] = []
  for (const file of recordFiles(directory, 0)) {
    if (found.length >= MOST_RECORDS) break
    const name = forLog(relative(host.cwd, file), 300)
    try {
      const record = legRecordSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
      const { run } = record.night
      const mine = host.env.GITHUB_RUN_ID
      if (mine && run && run.id !== mine)
        host.warn('Legs', `${name} is of the run ${forLog(run.id, 100)}, not of this one`)
      else found.push({ record, directory: dirname(file) })
    } catch {
      host.warn('Legs', `${name} is no leg of a night, or is damaged`)
    }
  }
  return found
}

const isOf = ({ dataset, model, prompts }: Leg, { night }: LegRecord): boolean =>
  night.dataset === dataset && night.model === model && night.prompts === prompts && night.arm === 'current'

/** A job that was run again leaves two of the same part. */
function newestParts(found: readonly FoundLeg[]): FoundLeg[] {
  const inOrder = found.toSorted((a, b) => (a.record.night.finished_at < b.record.night.finished_at ? -1 : 1))
  const last = inOrder.at(-1)?.record.shard
  const parts = inOrder.filter(({ record }) => record.shard?.of === last?.of)
  return [...new Map(parts.map((part) => [part.record.shard?.index, part])).values()]
}

/**
 * Joins the legs that other jobs evaluated. Which must be there is known from the configuration: one that is missing is errored. Their
 * files are data: checked by schema, and copied into the output directory by name.
 */
export async function joinLegs(
  legs: readonly Leg[],
  found: FoundLegs,
  outputDir: string,
  facts: NightFacts,
  joinParts: Evaluator['joined'],
  host: Host,
): Promise<EvaluatedLeg[]> {
  const evaluated: EvaluatedLeg[] = []
  for (const leg of legs) {
    const parts = newestParts(found.legs.filter(({ record }) => isOf(leg, record)))
    const [first] = parts
    if (!first) {
      const reason = `Nothing of it is in ${relative(host.cwd, found.directory) || '.'}: its job did not run, was cut off, or uploaded no artifact`
      evaluated.push(notEvaluated({ leg, arm: 'current' }, facts, reason, host))
    } else if (first.record.shard) {
      evaluated.push(
        await joinParts(
          leg,
          parts.map(({ directory }) => directory),
        ),
      )
    } else {
      const results = takeAlong(first.directory, resolve(outputDir, leg.id))
      evaluated.push({ night: { ...first.record.night, night: facts.night }, reason: first.record.reason, results })
    }
  }
  return evaluated
}

/** What other jobs left. */
export interface FoundLegs {
  readonly directory: string
  readonly legs: readonly FoundLeg[]
  /** The night in which the first of them began: those that end after midnight belong to it too. */
  readonly night: string
  readonly costUsd: number
}

/** Looks for the legs in a directory. */
export function findLegs(legs: readonly Leg[], merge: string, tonight: string, host: Host): FoundLegs {
  if (!statSync(merge, { throwIfNoEntry: false })?.isDirectory())
    throw new ConfigurationError({
      what: `merge is ${JSON.stringify(relative(host.cwd, merge))}`,
      why: 'There is no such directory',
      mend: 'Write the path that actions/download-artifact puts the artifacts of the legs in',
    })
  const records = readRecords(merge, host)
  for (const { record, directory } of records) {
    if (legs.some((leg) => isOf(leg, record))) continue
    const name = forLog(relative(host.cwd, directory), 300)
    host.warn('Legs', `${name} is ${forLog(legName(record.night), 300)}, which is not in the matrix: it is left out`)
  }
  return {
    directory: merge,
    legs: records,
    night: records.reduce((first, { record }) => (record.night.night < first ? record.night.night : first), tonight),
    costUsd: records.reduce((sum, { record }) => sum + (record.night.cost_usd ?? 0), 0),
  }
}

/** Copies a leg's files; returns its results file, null where it has none. */
function takeAlong(from: string, to: string): string | null {
  mkdirSync(to, { recursive: true })
  const there = LEG_FILES.filter((file) => lstatSync(join(from, file), { throwIfNoEntry: false })?.isFile())
  if (resolve(from) !== to) for (const file of there) copyFileSync(join(from, file), join(to, file))
  return there.includes('results.json') ? join(to, 'results.json') : null
}
