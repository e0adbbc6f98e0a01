import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Outcome } from '@agent-ci/core/host'
import type { RolloutTimeline } from '@agent-ci/core/rollout-timeline'
import { GUIDE_LIMITS } from '@agent-ci/core/statistics/canary/limits'
import type { Verdict } from '@agent-ci/core/verdict'
import type { RolloutOutcome } from '@agent-ci/delivery/rollout/outcome'
import { MARKS, prose } from '@agent-ci/reporting/markdown'
import { changesBetween } from '@agent-ci/reporting/releases/changes'
import { renderRolloutEnd } from '@agent-ci/reporting/rollout/console'
import { renderRolloutHtml } from '@agent-ci/reporting/rollout/html'
import { renderRolloutSummary } from '@agent-ci/reporting/rollout/summary'
import type { Task } from './job.ts'
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

/** Log, files, outputs, summary, GitHub's deployments and alerts; then the outcome. */
export async function report(done: RolloutOutcome, task: Task): Promise<Outcome> {
  const { settings, host, follower, announcer, history } = task
  const { record, previous, reason } = done
  const { place, operation } = settings
  // Whoever asked to take something back got what they asked for.
  const asked = (operation === 'sweep' || operation === 'abort') && done.outcome === 'rolled-back'
  const verdict = asked ? 'passed' : VERDICTS[done.outcome]
  const word = wordOf(done.outcome)
  const weight =
    done.outcome === 'promoted' ? 100 : done.outcome === 'paused' ? (follower.steps.at(-1)?.real ?? null) : 0
  const headline = `${word}: ${reason}`
  host.output('verdict', verdict)
  host.output('outcome', word)
  host.output('release', record?.release.id ?? null)
  host.output('previous-release', previous?.release.id ?? null)
  host.output('weight', weight)
  host.output('reason', reason)
  host.output('failed-metric', done.metric ?? null)
  if (MOVES.has(operation) && done.outcome !== 'nothing-to-do') {
    const timeline = timelineOf(done, word, verdict, task)
    const files = writeFiles(timeline, task)
    host.output('timeline-path', files.timeline)
    host.output('report-path', files.report)
    for (const line of renderRolloutEnd(timeline, { colour: host.colour, files: [files.report, files.timeline] }))
      host.info(line)
    await host.summary(renderRolloutSummary(timeline, { reportPath: relative(host.cwd, files.report) }))
    await announcer.end(done, await history.list().catch(() => []), weight)
  } else
    await host.summary(`## ${MARKS[verdict]} ${verdict} — ${place.app} in ${place.environment}, ${prose(headline)}\n`)
  const passed = verdict === 'passed' || (operation === 'status' && verdict === 'inconclusive')
  return { verdict, exitStatus: passed ? 0 : 1, headline }
}

/** Operations that move an app; the others only look. */
const MOVES: ReadonlySet<DeploySettings['operation']> = new Set(['deploy', 'promote', 'resume', 'abort', 'sweep'])

const wordOf = (outcome: RolloutOutcome['outcome']): RolloutTimeline['outcome'] =>
  outcome === 'nothing-to-do' ? 'promoted' : outcome === 'failed' ? 'rollback-failed' : outcome

function timelineOf(
  done: RolloutOutcome,
  outcome: RolloutTimeline['outcome'],
  verdict: Verdict,
  { settings, follower, host, identity }: Task,
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
    run_url: identity.url ?? null,
    limits: limitsOf(settings),
    steps_planned: follower.stepsPlanned,
    steps: follower.steps,
    checks: follower.checks,
    events: follower.events,
  }
}

const limitsOf = ({ strategy, watch: { metrics, thresholds } }: DeploySettings): RolloutTimeline['limits'] =>
  strategy === 'rolling' || metrics === 'none'
    ? { error_rate: null, p95_ms: null }
    : {
        error_rate: thresholds.maxErrorRate ?? GUIDE_LIMITS.errorRate,
        p95_ms: (thresholds.maxLatencyP95Seconds ?? GUIDE_LIMITS.p95Seconds) * 1_000,
      }

function writeFiles(timeline: RolloutTimeline, { settings }: Task): { timeline: string; report: string } {
  mkdirSync(settings.outputDir, { recursive: true })
  const paths = {
    timeline: join(settings.outputDir, 'timeline.json'),
    report: join(settings.outputDir, 'rollout.html'),
  }
  writeFileSync(paths.timeline, `${JSON.stringify(timeline, null, 2)}\n`)
  writeFileSync(paths.report, renderRolloutHtml(timeline))
  return paths
}
