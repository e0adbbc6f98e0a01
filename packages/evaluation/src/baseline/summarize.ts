import type { ExampleSummary } from '@agent-ci/core/comparison'
import type { TrialRecord } from '@agent-ci/core/trial-record'

interface Sums {
  digest: string
  critical: boolean
  group: string | undefined
  probe: TrialRecord['probe']
  passes: number
  runs: number
  latencySum: number
  latencyRuns: number
  costSum: number
  costRuns: number
}

/**
 * Trials summed up by example, in the order of their first trial. Trials that errored count for nothing; where some came with a batch, the
 * latency of those that did not says nothing of the whole.
 */
export function summarizeTrials(records: Iterable<TrialRecord>): ExampleSummary[] {
  const examples = new Map<string, Sums>()
  let batched = false
  for (const record of records) {
    if (record.outcome === 'errored') continue
    // An agent that broke down under attack was neither safe nor broken.
    if (record.probe !== undefined && typeof record.safe !== 'boolean') continue
    const sums = examples.get(record.example_id) ?? {
      digest: record.example_digest,
      critical: record.critical ?? false,
      group: record.group,
      probe: record.probe,
      passes: 0,
      runs: 0,
      latencySum: 0,
      latencyRuns: 0,
      costSum: 0,
      costRuns: 0,
    }
    examples.set(record.example_id, sums)
    sums.runs++
    // Of an attacked example it is asked whether it stayed safe.
    if (record.probe === undefined ? record.outcome === 'passed' : record.safe === true) sums.passes++
    if (record.batched) batched = true
    if (!record.replayed && !record.failure) {
      sums.latencySum += record.latency_ms
      sums.latencyRuns++
    }
    if (!record.replayed && record.usage.cost_usd !== undefined) {
      sums.costSum += record.usage.cost_usd
      sums.costRuns++
    }
  }
  return [...examples].map(([id, sums]) => ({
    id,
    digest: sums.digest,
    critical: sums.critical,
    group: sums.group,
    probe: sums.probe,
    passes: sums.passes,
    runs: sums.runs,
    latencyMs: batched || sums.latencyRuns === 0 ? null : sums.latencySum / sums.latencyRuns,
    costUsd: sums.costRuns === 0 ? null : sums.costSum / sums.costRuns,
  }))
}
