import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix, relative, resolve } from 'node:path'
import { ConfigurationError, messageOf, type Problem } from '@agent-ci/core/errors'
import { resultsSchema } from '@agent-ci/core/results'
import { forLog } from '@agent-ci/core/untrusted'
import picomatch from 'picomatch'
import * as z from 'zod'
import type { ShardRun } from './shard-run.ts'

const MOST_DIRECTORIES = 10_000
const MOST_BYTES = 20_000_000

/** A date that is none would only be noticed in the receipt. */
const shardResultsSchema = resultsSchema.extend({
  shard: resultsSchema.shape.shard.unwrap(),
  started_at: z.iso.datetime(),
  finished_at: z.iso.datetime(),
})

/** Links are not followed: an artifact could point anywhere. */
const isKind = (path: string, kind: 'isFile' | 'isDirectory'): boolean =>
  lstatSync(path, { throwIfNoEntry: false })?.[kind]() ?? false

const isShard = (directory: string): boolean =>
  ['results.json', 'trials.jsonl'].some((file) => isKind(join(directory, file), 'isFile'))

/** A directory that a shard wrote, or those in it. */
function shardsIn(directory: string): string[] {
  if (isShard(directory)) return [directory]
  const inside = readdirSync(directory)
    .map((name) => join(directory, name))
    .filter((path) => isKind(path, 'isDirectory'))
    .sort()
  return inside.length > 0 ? inside : [directory]
}

/** Artifacts are downloaded a level or two deep. */
const MOST_LEVELS = 6

/** The directories that a glob names; Node 20 has no `globSync`. */
function directoriesOf(pattern: string, cwd: string): string[] {
  const { base, glob } = picomatch.scan(posix.normalize(pattern.replaceAll('\\', '/')))
  // Without a wildcard it was a path, which is not there.
  if (glob === '') return []
  const isNamed = picomatch(glob.replace(/\/$/, ''))
  const found: string[] = []
  const walk = (directory: string, path: string, levels: number): void => {
    if (levels === 0 || found.length > MOST_DIRECTORIES || !isKind(directory, 'isDirectory')) return
    for (const name of readdirSync(directory).sort()) {
      const [inside, below] = [join(directory, name), posix.join(path, name)]
      if (!isKind(inside, 'isDirectory')) continue
      if (isNamed(below)) found.push(inside)
      walk(inside, below, levels - 1)
    }
  }
  walk(resolve(cwd, base), '', MOST_LEVELS)
  return found
}

function readShard(directory: string, name: string): ShardRun | Problem {
  const refused = (why: string): Problem => ({
    what: `${forLog(name, 200)} holds no shard`,
    why,
    mend: 'Give the output-dir that eval-gate left with the input shard; run a shard that did not come to its end again',
  })
  const file = join(directory, 'results.json')
  if (!isKind(file, 'isFile')) return refused('There is no results.json in it, which a run writes at its end')
  if (!isKind(join(directory, 'trials.jsonl'), 'isFile')) return refused('There is no trials.jsonl in it')
  if (lstatSync(file).size > MOST_BYTES) return refused(`Its results.json is larger than ${MOST_BYTES} bytes`)
  try {
    const { data, error } = shardResultsSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')))
    if (data) return { directory: name, results: data }
    const [issue] = error.issues
    if (issue?.path[0] === 'shard' && issue.path.length === 1) return refused('Its run was not of a shard')
    return refused(forLog(`results.json: ${issue?.path.join('.')}: ${issue?.message}`, 200))
  } catch (error) {
    return refused(forLog(`results.json: ${messageOf(error)}`, 200))
  }
}

/**
 * The shards in some directories, given as paths or globs: their output directories, or folders that hold these. What is in them is data
 * of other machines: checked by schema, limited in size, and no path in it is followed.
 * @throws ConfigurationError with all problems, where a directory holds none
 */
export function findShards(patterns: readonly string[], cwd: string): ShardRun[] {
  const directories = new Set<string>()
  const problems: Problem[] = []
  for (const pattern of patterns) {
    // A directory's own name may hold what a glob would take for more.
    const literal = resolve(cwd, pattern)
    const matches = isKind(literal, 'isDirectory') ? [literal] : directoriesOf(pattern, cwd)
    const found = matches.filter((path) => isKind(path, 'isDirectory')).flatMap(shardsIn)
    for (const directory of found) directories.add(directory)
    if (found.length > 0) continue
    problems.push({
      what: `merge is ${JSON.stringify(pattern)}`,
      why: 'There is no such directory',
      mend: 'Write the directory into which the artifacts of the shards were downloaded, for example merge: shards/*',
    })
  }
  if (directories.size > MOST_DIRECTORIES) {
    throw new ConfigurationError({
      what: `merge names ${directories.size} directories`,
      why: `Expected at most ${MOST_DIRECTORIES}`,
      mend: 'Write the directory that holds the shards of this run alone',
    })
  }
  const shards: ShardRun[] = []
  for (const directory of [...directories].sort()) {
    const shard = readShard(directory, relative(cwd, directory) || '.')
    if ('what' in shard) problems.push(shard)
    else shards.push(shard)
  }
  if (problems.length > 0) throw new ConfigurationError(problems)
  return shards
}
