import { copyFileSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { Host } from '@agent-ci/core/host'
import { forLog } from '@agent-ci/core/untrusted'
import { legName } from '@agent-ci/reporting/nightly/wording'
import { notEvaluated } from './evaluate-leg.ts'
import { type EvaluatedLeg, LEG_FILE, LEG_FILES, type LegRecord, legRecordSchema } from './leg-record.ts'
import type { Leg } from './legs.ts'
import type { NightFacts } from './night-of.ts'

/** A directory of artifacts is not deep, and no night has so many legs. */
const MOST_DEPTH = 6
const MOST_RECORDS = 10_000

interface FoundLeg {
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

/** A job that was run again leaves two. */
const newest = (found: readonly FoundLeg[]): FoundLeg | undefined =>
  found.toSorted((a, b) => (a.record.night.finished_at < b.record.night.finished_at ? -1 : 1)).at(-1)

/**
 * Joins the legs that other jobs evaluated. Which must be there is known from the configuration: one that is missing is errored. Their
 * files are data: checked by schema, and copied into the output directory by name.
 */
export function joinLegs(
  legs: readonly Leg[],
  { merge, outputDir }: { readonly merge: string; readonly outputDir: string },
  facts: NightFacts,
  host: Host,
): { readonly evaluated: EvaluatedLeg[]; readonly night: string } {
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
  const nights = records.map(({ record }) => record.night.night)
  // Legs that end after midnight belong to the night in which the first one began.
  const night = nights.reduce((a, b) => (a < b ? a : b), facts.night)
  const evaluated = legs.map((leg): EvaluatedLeg => {
    const found = newest(records.filter(({ record }) => isOf(leg, record)))
    if (!found) {
      const reason = `Nothing of it is in ${relative(host.cwd, merge) || '.'}: its job did not run, was cut off, or uploaded no artifact`
      return notEvaluated({ leg, arm: 'current' }, { ...facts, night }, reason, host)
    }
    const { record, directory } = found
    const results = takeAlong(directory, resolve(outputDir, leg.id))
    return { night: { ...record.night, night }, reason: record.reason, results }
  })
  return { evaluated, night }
}

/** Copies a leg's files; returns its results file, null where it has none. */
function takeAlong(from: string, to: string): string | null {
  mkdirSync(to, { recursive: true })
  const there = LEG_FILES.filter((file) => lstatSync(join(from, file), { throwIfNoEntry: false })?.isFile())
  if (resolve(from) !== to) for (const file of there) copyFileSync(join(from, file), join(to, file))
  return there.includes('results.json') ? join(to, 'results.json') : null
}
