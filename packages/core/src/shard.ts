import { formatRule, type Gate, type GateResult } from './gate.ts'
import { computeMetric } from './metric.ts'
import type { Shard } from './quantities.ts'
import { isDecidable, type RunEnd } from './run-end.ts'
import type { TrialTable } from './trial-table.ts'

export const formatShard = ({ index, of }: Shard): string => `${index}/${of}`

/**
 * The coverage below which a shard ends early: what it lost is then so much of the whole run that no other shard can make up for it. Of
 * eight shards that never happens; of two it is 0.6 where the whole must reach 0.8.
 */
export const shardCoverage = (minCoverage: number, { of }: Shard): number => Math.max(0, 1 - (1 - minCoverage) * of)

/** A gate of a shard: its value is shown and counts for nothing, because a small part is too easily bad, or good, by chance. */
export function setAsideGate(gate: Gate, table: TrialTable, shard: Shard): GateResult {
  return {
    metric: gate.metric,
    rule: formatRule(gate),
    value: computeMetric(table, gate.metric, gate.selector).value,
    interval: null,
    verdict: 'inconclusive',
    reason: `This is the value of shard ${formatShard(shard)} alone; the run that joins the shards decides`,
    met: true,
    setAside: true,
  }
}

/** How a run ended whose shards ended so: complete when all were, else as those did that ended before. */
export function joinEnds(ends: readonly (RunEnd & { readonly shard: Shard })[]): RunEnd {
  const early = ends.filter(({ ending }) => ending !== 'complete')
  const worst = early.find(({ ending }) => !isDecidable(ending)) ?? early[0]
  return {
    ending: worst?.ending ?? 'complete',
    reason: early.map(({ shard, reason }) => `Shard ${formatShard(shard)}: ${reason}`).join('; '),
    started: ends.reduce((sum, { started }) => sum + started, 0),
  }
}
