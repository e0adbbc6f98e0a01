import { ConfigurationError } from '@agent-ci/core/errors'
import { suggestName } from '@agent-ci/core/nearest'
import type { ReleaseRecord } from '../releases/history/record.ts'

export interface TargetWish {
  /** The id of a release, `r-0123456789`, the number of a record, or a version; empty: by `stepsBack`. */
  readonly to: string
  readonly stepsBack: number
}

/** The numbers of the records that the environment is on, and that an unfinished rollout moves it to. */
export interface Whereabouts {
  readonly current: number | undefined
  readonly underway: number | undefined
}

export type Target =
  | { readonly record: ReleaseRecord; readonly withdrawn: ReleaseRecord | undefined }
  | { readonly record: undefined; readonly why: string }

/**
 * The record to go back to: the last verified release before the one that was deployed last, or the n-th before it. Counted from the last
 * *deployed* release, not from what runs now, so that the same rollback asked for twice goes back once; and a release that was taken back
 * since it was last deployed is passed over, so that a rollback never brings a bad one back by itself.
 */
export function chooseTarget(records: readonly ReleaseRecord[], now: Whereabouts, wish: TargetWish): Target {
  const withdrawn = deployedLast(records, now)
  if (wish.to !== '') {
    const record = named(records, wish.to)
    return { record, withdrawn }
  }
  if (!withdrawn) return { record: undefined, why: 'the history of this app has no release yet' }
  const candidates: ReleaseRecord[] = []
  const seen = new Set([withdrawn.release.id])
  for (const record of records.filter(({ sequence }) => sequence < withdrawn.sequence).toReversed()) {
    if (seen.has(record.release.id) || !record.verified) continue
    seen.add(record.release.id)
    if (!wasTakenBack(records, record)) candidates.push(record)
  }
  const record = candidates[wish.stepsBack - 1]
  if (record) return { record, withdrawn }
  const several = candidates.length > 1
  const count = candidates.length === 0 ? 'no' : several ? `only ${candidates.length}` : 'only one'
  return {
    record: undefined,
    why: `the history has ${count} verified release${several ? 's' : ''} before ${withdrawn.release.id} that ${several ? 'were not taken back themselves' : 'was not taken back itself'}`,
  }
}

/** The release that was deployed last and reached its end, or that is in the cluster now, whole or in part. */
const deployedLast = (records: readonly ReleaseRecord[], { current, underway }: Whereabouts) =>
  records.findLast(
    ({ type, verified, sequence }) =>
      type !== 'rollback' && (verified || sequence === current || sequence === underway),
  )

/** Whether this release was left by a rollback, and not brought back with success since. */
function wasTakenBack(records: readonly ReleaseRecord[], { release }: ReleaseRecord): boolean {
  const left = records.findLast(
    ({ type, verified, rollback_from: from }) => type === 'rollback' && verified && from === release.id,
  )
  const arrived = records.findLast((record) => record.verified && record.release.id === release.id)
  return (left?.sequence ?? 0) > (arrived?.sequence ?? 0)
}

function named(records: readonly ReleaseRecord[], to: string): ReleaseRecord {
  // A version may read as a number: the table's first column comes before it.
  const ways: readonly ((record: ReleaseRecord) => boolean)[] = [
    ({ release }) => release.id === to,
    ({ sequence }) => String(sequence) === to,
    ({ release }) => release.version === to,
  ]
  for (const matches of ways) {
    const found = records.findLast((record) => matches(record) && record.verified) ?? records.findLast(matches)
    if (found) return found
  }
  throw new ConfigurationError({
    what: `to is ${JSON.stringify(to)}, and the history has no such release`,
    why: 'Expected the id of a release (r-…), the number of a record or a version',
    mend:
      records.length > 0
        ? suggestName(to, [...new Set(records.map(({ release }) => release.id))])
        : 'Deploy a release first',
  })
}
