import type { ReleaseRecord } from './record.ts'

export const KEPT_RECORDS = 50

/**
 * The records to drop so that `keep` remain: failed ones first, then the oldest. Never the newest verified one (failed releases must not push
 * out the last good one, as Helm's do), and none of `inUse`: releases that pods still run, or that a rollout moves between.
 */
export function droppedRecords(
  records: readonly ReleaseRecord[],
  inUse: ReadonlySet<string>,
  keep = KEPT_RECORDS,
): ReleaseRecord[] {
  const excess = records.length - keep
  if (excess <= 0) return []
  const lastGood = records.findLast(({ verified }) => verified)
  const droppable = records.filter((record) => record !== lastGood && !inUse.has(record.release.id))
  const failed = (record: ReleaseRecord) => (record.verified ? 1 : 0)
  return droppable.toSorted((a, b) => failed(a) - failed(b) || a.sequence - b.sequence).slice(0, excess)
}
