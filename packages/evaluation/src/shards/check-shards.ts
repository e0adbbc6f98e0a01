import { ConfigurationError, type Problem } from '@agent-ci/core/errors'
import { FINGERPRINT_PARTS, type Fingerprint } from '@agent-ci/core/fingerprint'
import { groupBy } from '@agent-ci/core/group-by'
import { formatShard } from '@agent-ci/core/shard'
import { forLog } from '@agent-ci/core/untrusted'
import type { ShardRun } from './shard-run.ts'

/** What this run is, which every shard must have been too. */
export interface Whole {
  readonly fingerprint: Fingerprint
  readonly repeats: number
  /** The gates as text. */
  readonly gates: readonly string[]
  /** Only where one was given. */
  readonly seed?: string
  /** How many trials shard `index` of `of` had to make, with a seed. */
  readonly plannedOf: (shard: { readonly index: number; readonly of: number }, seed: string) => number
}

const MOST_NAMED = 20

const nameOf = ({ directory, results: { shard } }: ShardRun): string =>
  `${formatShard(shard)} (${forLog(directory, 120)})`

function listOf(names: readonly string[]): string {
  const more = names.length > MOST_NAMED ? [`${names.length - MOST_NAMED} more`] : []
  return [...names.slice(0, MOST_NAMED), ...more].join(', ')
}

/** Whether all parts are there, each once. */
function partProblems(shards: readonly ShardRun[]): Problem[] {
  const of = shards[0]!.results.shard.of
  const others = shards.filter(({ results }) => results.shard.of !== of)
  if (others.length > 0) {
    return [
      {
        what: `The shards are parts of ${of} and of ${others[0]!.results.shard.of}`,
        why: `${nameOf(shards[0]!)} and ${nameOf(others[0]!)} are of different runs`,
        mend: 'Download the artifacts of one run only',
      },
    ]
  }
  const byIndex = groupBy(shards, ({ results }) => results.shard.index)
  const missing = Array.from({ length: of }, (_, i) => i + 1).filter((index) => !byIndex.has(index))
  const twice = [...byIndex.values()].filter((group) => group.length > 1)
  return [
    ...missing.slice(0, MOST_NAMED).map((index) => ({
      what: `${formatShard({ index, of })} is missing`,
      why: 'A part that was not measured would pass unseen',
      mend: 'Run that shard again and merge again; its log says why it left nothing',
    })),
    ...twice.map((group) => ({
      what: `${formatShard(group[0]!.results.shard)} is there ${group.length} times`,
      why: `${listOf(group.map(({ directory }) => forLog(directory, 120)))} are the same part`,
      mend: 'Give each shard once, such as the one of the newest attempt',
    })),
  ]
}

/** One thing in which shards and the whole must agree. */
interface Aspect {
  readonly title: string
  readonly of: (shard: ShardRun) => string
  readonly wanted: string
}

/** The changes that a job made to tracked files, such as a lock file, stand behind a `+`: they are the shards' own. */
const commitOf = (code: string | null | undefined): string => (code ?? 'unknown').split('+')[0]!

function aspects(first: ShardRun, whole: Whole): Aspect[] {
  const text = (value: string | null | undefined): string => value ?? 'unknown'
  const { seed, agent, fingerprint } = first.results
  const code =
    commitOf(fingerprint.code) === commitOf(whole.fingerprint.code) ? fingerprint.code : whole.fingerprint.code
  return [
    { title: 'seed', of: ({ results }) => results.seed, wanted: whole.seed ?? seed },
    { title: 'repeats', of: ({ results }) => String(results.repeats), wanted: String(whole.repeats) },
    {
      title: 'gates',
      of: ({ results }) => results.gates.map(({ rule }) => rule).join(', '),
      wanted: whole.gates.join(', '),
    },
    ...FINGERPRINT_PARTS.map((part) => ({
      title: part,
      of: ({ results }: ShardRun) => text(results.fingerprint[part]),
      wanted: text(part === 'code' ? code : whole.fingerprint[part]),
    })),
    { title: 'agent', of: ({ results }) => results.agent, wanted: agent },
  ]
}

function differences(shards: readonly ShardRun[], whole: Whole): Problem[] {
  return aspects(shards[0]!, whole).flatMap(({ title, of, wanted }) =>
    [...groupBy(shards, of)]
      .filter(([value]) => value !== wanted)
      .map(([value, group]) => ({
        what: `The ${title} of ${group.length === shards.length ? 'every shard' : `shard ${listOf(group.map(nameOf))}`} is ${forLog(value, 200)}`,
        why: `Here it is ${forLog(wanted, 200)}: these are not parts of this run`,
        mend: 'Run all shards, and merge them, on the same commit with the same inputs',
      })),
  )
}

/** A sample is in no fingerprint, but in the number of trials. */
function planProblems(shards: readonly ShardRun[], whole: Whole): Problem[] {
  return shards.flatMap((shard) => {
    const { results } = shard
    const wanted = whole.plannedOf(results.shard, results.seed)
    if (results.counts.planned === wanted) return []
    return [
      {
        what: `Shard ${nameOf(shard)} planned ${results.counts.planned} trials`,
        why: `Here it would have been ${wanted}`,
        mend: 'Give the merge the same sample as the shards',
      },
    ]
  })
}

/**
 * Puts shards in their order, when they are all the parts of this run.
 * @throws ConfigurationError naming every part that is missing, there twice, or of another run, and in what it differs
 */
export function checkShards(shards: readonly ShardRun[], whole: Whole): ShardRun[] {
  const problems = [...partProblems(shards), ...differences(shards, whole)]
  if (problems.length === 0) problems.push(...planProblems(shards, whole))
  if (problems.length > 0) throw new ConfigurationError(problems)
  return shards.toSorted((a, b) => a.results.shard.index - b.results.shard.index)
}
