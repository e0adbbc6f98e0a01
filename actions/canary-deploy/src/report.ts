import type { Host, Outcome } from '@agent-ci/core/host'
import { forLog } from '@agent-ci/core/untrusted'
import type { Verdict } from '@agent-ci/core/verdict'
import type { RolloutOutcome } from '@agent-ci/delivery/rollout/outcome'
import { MARKS, prose } from '@agent-ci/reporting/markdown'
import { changesBetween } from '@agent-ci/reporting/releases/changes'
import type { DeploySettings } from './settings.ts'

const VERDICTS: Readonly<Record<RolloutOutcome['outcome'], Verdict>> = {
  promoted: 'passed',
  'nothing-to-do': 'passed',
  planned: 'passed',
  paused: 'inconclusive',
  'rolled-back': 'failed',
  'rollback-failed': 'errored',
  refused: 'errored',
  failed: 'failed',
}

/** Log, outputs and summary; then the outcome. */
export async function report(done: RolloutOutcome, { place, operation }: DeploySettings, host: Host): Promise<Outcome> {
  const { record, previous, reason } = done
  // A sweep that took something back did what it was asked for.
  const swept = operation === 'sweep' && done.outcome === 'rolled-back'
  const verdict = swept ? 'passed' : VERDICTS[done.outcome]
  const word = done.outcome === 'nothing-to-do' ? 'promoted' : done.outcome
  const changes = done.outcome === 'promoted' && record ? changesBetween(previous?.release, record.release) : []
  for (const change of changes) host.info(forLog(`  ${change}`))
  host.output('verdict', verdict)
  host.output('outcome', word)
  host.output('release', record?.release.id ?? null)
  host.output('previous-release', previous?.release.id ?? null)
  host.output('reason', reason)
  const headline = `${word}: ${reason}`
  await host.summary(
    [
      `### ${MARKS[verdict]} ${place.app} in ${place.environment} — ${prose(headline)}`,
      '',
      ...(changes.length > 0 ? [`Changed: ${changes.map((change) => prose(change)).join('; ')}`, ''] : []),
    ].join('\n'),
  )
  return { verdict, exitStatus: verdict === 'passed' ? 0 : 1, headline }
}
