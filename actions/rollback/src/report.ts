import { formatProblem, type Problem } from '@agent-ci/core/errors'
import type { Host, Outcome } from '@agent-ci/core/host'
import type { Release } from '@agent-ci/core/release'
import { forLog } from '@agent-ci/core/untrusted'
import type { Cluster } from '@agent-ci/delivery/kubernetes/cluster'
import type { History } from '@agent-ci/delivery/releases/history/record'
import { Journal } from '@agent-ci/delivery/rollout/journal'
import { MARKS, prose } from '@agent-ci/reporting/markdown'
import { countOf } from '@agent-ci/reporting/numbers'
import { changesBetween } from '@agent-ci/reporting/releases/changes'
import { type HistoryEntry, renderHistoryMarkdown, renderHistoryText } from '@agent-ci/reporting/releases/history'
import type { RollbackSettings } from './settings.ts'

/** What a run of the action came to. */
export interface Report {
  /** null: the history was only shown. */
  readonly outcome: 'rolled-back' | 'drilled' | 'nothing-to-do' | 'failed' | null
  readonly reason: string
  readonly release?: Release | undefined
  readonly previous?: Release | undefined
  /** Of a drill: where a rollback would go. */
  readonly target?: Release
  readonly problems?: readonly Problem[]
}

/** Log, outputs and summary; then the outcome. */
export async function report(
  done: Report,
  { place, mode }: RollbackSettings,
  { cluster, history }: { readonly cluster: Cluster; readonly history: History },
  host: Host,
): Promise<Outcome> {
  const entries = await entriesOf(place.app, cluster, history)
  for (const problem of done.problems ?? [])
    host.annotate({ level: 'error', title: 'Rollback', message: forLog(formatProblem(problem)) })
  if (mode === 'list' || done.outcome === 'failed') for (const line of renderHistoryText(entries)) host.info(line)
  const [from, to] = [done.previous ?? done.release, done.target ?? done.release]
  const changes = done.outcome === 'rolled-back' || done.outcome === 'drilled' ? changesBetween(from, to!) : []
  for (const change of changes) host.info(forLog(`  ${change}`))
  const headline =
    done.outcome === null
      ? `${countOf(entries.length, 'record')} in the history of ${place.app}`
      : `${done.outcome}: ${done.reason}`
  host.output('outcome', done.outcome)
  host.output('release', (done.release ?? entries.find(({ current }) => current)?.release)?.id ?? null)
  host.output('previous-release', done.previous?.id ?? null)
  host.output('history', JSON.stringify(entries.map(summaryOf)))
  host.output('reason', done.reason)
  const verdict = done.outcome === 'failed' ? 'failed' : 'passed'
  await host.summary(
    [
      `## ${MARKS[verdict]} ${verdict} — ${place.app} in ${place.environment}, ${prose(headline)}`,
      '',
      ...(done.problems ?? []).map((problem) => `- ${prose(formatProblem(problem))}`),
      ...(changes.length > 0 ? [`Taken back: ${changes.map((change) => prose(change)).join('; ')}`, ''] : []),
      '<details open><summary>History</summary>',
      '',
      renderHistoryMarkdown(entries),
      '</details>',
      '',
    ].join('\n'),
  )
  return {
    verdict,
    exitStatus: verdict === 'failed' ? 1 : 0,
    headline,
  }
}

async function entriesOf(app: string, cluster: Cluster, history: History): Promise<HistoryEntry[]> {
  const journal = await Journal.open(cluster, app, async () => undefined)
  return (await history.list()).map((record) => ({
    sequence: record.sequence,
    release: record.release,
    type: record.type,
    at: record.at,
    by: record.by,
    runUrl: record.run_url,
    verified: record.verified,
    end: record.end,
    rollbackFrom: record.rollback_from,
    current: record.sequence === journal.current,
  }))
}

const summaryOf = ({
  sequence,
  release,
  type,
  at,
  by,
  runUrl,
  verified,
  end,
  rollbackFrom,
  current,
}: HistoryEntry) => ({
  sequence,
  release: release.id,
  version: release.version,
  images: release.images,
  model: release.model?.primary ?? null,
  prompt_version: release.prompt_version,
  type,
  at,
  by,
  run_url: runUrl,
  verified,
  end,
  rollback_from: rollbackFrom,
  current,
})
