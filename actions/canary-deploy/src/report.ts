import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Outcome } from '@agent-ci/core/host'
import type { RolloutTimeline } from '@agent-ci/core/rollout-timeline'
import { forLog } from '@agent-ci/core/untrusted'
import type { Verdict } from '@agent-ci/core/verdict'
import type { RolloutOutcome } from '@agent-ci/delivery/rollout/outcome'
import { MARKS, prose } from '@agent-ci/reporting/markdown'
import { changesBetween } from '@agent-ci/reporting/releases/changes'
import type { Job } from './main.ts'

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

/** Log, files, outputs and summary; then the outcome. */
export async function report(done: RolloutOutcome, job: Job): Promise<Outcome> {
  const { settings, host, follower } = job
  const { record, previous, reason } = done
  const { place, operation } = settings
  // Whoever asked to take something back got what they asked for.
  const asked = (operation === 'sweep' || operation === 'abort') && done.outcome === 'rolled-back'
  const verdict = asked ? 'passed' : VERDICTS[done.outcome]
  const word = wordOf(done.outcome)
  const changes = done.outcome === 'promoted' && record ? changesBetween(previous?.release, record.release) : []
  for (const change of changes) host.info(forLog(`  ${change}`))
  const headline = `${word}: ${reason}`
  host.output('verdict', verdict)
  host.output('outcome', word)
  host.output('release', record?.release.id ?? null)
  host.output('previous-release', previous?.release.id ?? null)
  host.output(
    'weight',
    done.outcome === 'promoted' ? 100 : done.outcome === 'paused' ? (follower.steps.at(-1)?.real ?? null) : 0,
  )
  host.output('reason', reason)
  host.output('failed-metric', done.metric ?? null)
  if (follower.events.length > 0) host.output('timeline-path', writeTimeline(timelineOf(done, word, verdict, job), job))
  await host.summary(
    [
      `### ${MARKS[verdict]} ${place.app} in ${place.environment} — ${prose(headline)}`,
      '',
      ...(changes.length > 0 ? [`Changed: ${changes.map((change) => prose(change)).join('; ')}`, ''] : []),
    ].join('\n'),
  )
  const passed = verdict === 'passed' || (operation === 'status' && verdict === 'inconclusive')
  return { verdict, exitStatus: passed ? 0 : 1, headline }
}

const wordOf = (outcome: RolloutOutcome['outcome']): RolloutTimeline['outcome'] =>
  outcome === 'nothing-to-do' ? 'promoted' : outcome === 'failed' ? 'rollback-failed' : outcome

function timelineOf(
  done: RolloutOutcome,
  outcome: RolloutTimeline['outcome'],
  verdict: Verdict,
  { settings, follower, host, deps }: Job,
): RolloutTimeline {
  follower.endStep()
  const back = outcome === 'rolled-back' || outcome === 'rollback-failed'
  const [release, previous] = back ? [done.previous, done.record] : [done.record, done.previous]
  const named = (record: typeof release) => record && { id: record.release.id, version: record.release.version }
  return {
    schema_version: 1,
    app: settings.place.app,
    environment: settings.place.environment,
    strategy: settings.strategy,
    release: named(release) ?? { id: 'unknown', version: null },
    previous: named(previous) ?? null,
    changes: release ? changesBetween(previous?.release, release.release) : [],
    verdict,
    outcome,
    reason: done.reason,
    failed_metric: done.metric ?? null,
    started_at: follower.startedAt,
    ended_at: host.date().toISOString(),
    run_url: deps.runUrl,
    steps: follower.steps,
    checks: follower.checks,
    events: follower.events,
  }
}

function writeTimeline(timeline: RolloutTimeline, { settings }: Job): string {
  mkdirSync(settings.outputDir, { recursive: true })
  const path = join(settings.outputDir, 'timeline.json')
  writeFileSync(path, `${JSON.stringify(timeline, null, 2)}\n`)
  return path
}
