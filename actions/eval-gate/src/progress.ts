import type { Host, Progress } from '@agent-ci/core/host'
import type { TrialTable } from '@agent-ci/core/trial-table'

/** Shows how far a run is, from the trials in its table. */
export function progressOf(table: TrialTable, planned: number, host: Host) {
  const counts = { passed: 0, failed: 0, errored: 0 }
  let costUsd: number | undefined
  let counted = 0
  let resumed = 0
  let startedMs = 0
  const show = () => {
    for (; counted < table.rows; counted++) {
      const row = table.row(counted)
      counts[row.outcome]++
      if (!Number.isNaN(row.costUsd)) costUsd = (costUsd ?? 0) + row.costUsd
    }
    const progress: Progress = { planned, ...counts, costUsd, elapsedMs: host.now() - startedMs, resumed }
    host.progress(progress)
  }
  return {
    start: () => {
      startedMs = host.now()
      resumed = table.rows
      show()
    },
    show,
  }
}
