import { optional } from '@agent-ci/core/config/setting-reader'
import type { Host, Outcome } from '@agent-ci/core/host'
import { confirmedBefore } from '@agent-ci/core/nightly/kept-finding'
import type { Night } from '@agent-ci/core/nightly/night'
import type { NightlyResults } from '@agent-ci/core/nightly/results'
import { forLog } from '@agent-ci/core/untrusted'
import type { PushgatewayTarget } from '@agent-ci/notify/pushgateway'
import { nightlyHeadline } from '@agent-ci/reporting/nightly/wording'
import { alertKeys } from './alerts.ts'
import { conclude } from './conclude.ts'
import { notEvaluated } from './evaluate-leg.ts'
import { Evaluator } from './evaluator.ts'
import { findFlaky } from './flaky.ts'
import { findLegs, joinLegs } from './join-legs.ts'
import { judgeNight } from './judge-night.ts'
import { keptFindings } from './kept-findings.ts'
import type { EvaluatedLeg } from './leg-record.ts'
import { NightMemory } from './memory.ts'
import type { NightFacts } from './night-of.ts'
import { beginNight, endNight } from './night-state.ts'
import type { Plan } from './plan.ts'
import { releaseMarks } from './release-marks.ts'
import { report, reportLegs, writeResults } from './report.ts'
import type { NightlySettings } from './settings.ts'
import { openIncidents, tell } from './tell.ts'

export interface NightRun {
  readonly plan: Plan
  readonly facts: NightFacts
  readonly startedAt: string
  readonly settings: NightlySettings
  readonly host: Host
}

const CANCELLED = 'The job was cancelled before it was run'

/** Evaluates legs one after the other; one that fails does not stop the others. */
async function evaluateAll({ plan, facts, settings, host }: NightRun, evaluator: Evaluator): Promise<EvaluatedLeg[]> {
  const continues = beginNight(settings.outputDir, facts.night)
  const evaluated: EvaluatedLeg[] = []
  for (const leg of plan.legs)
    evaluated.push(
      host.signal.aborted
        ? notEvaluated({ leg, arm: 'current' }, facts, CANCELLED, host)
        : await evaluator.leg(leg, continues),
    )
  return evaluated
}

/** A job of a matrix: its legs, and nothing of the night as a whole. */
export async function runLegs(run: NightRun): Promise<Outcome> {
  const { plan, facts, startedAt, settings, host } = run
  const evaluator = new Evaluator(settings, plan, facts, 0, host)
  try {
    await evaluator.openSets()
    const legs = await evaluateAll(run, evaluator)
    if (!host.signal.aborted) endNight(settings.outputDir)
    const results = conclude(
      {
        ...NOTHING_JUDGED,
        night: facts.night,
        legs,
        run: facts.run,
        startedAt,
        finishedAt: host.date().toISOString(),
      },
      settings.outputDir,
    )
    const measured = results.verdict === 'passed'
    const reason = measured ? 'Measured; the job that joins the legs judges the night' : results.reason
    return await reportLegs({ ...results, reason }, plan.legs, settings, host)
  } finally {
    await evaluator.close()
  }
}

async function pushNight(results: NightlyResults, target: PushgatewayTarget, host: Host): Promise<void> {
  // Imported only here: a night that pushes nothing does not pay for it.
  const [{ renderExposition }, { nightMetrics }, { pushMetrics }] = await Promise.all([
    import('@agent-ci/reporting/exposition'),
    import('@agent-ci/reporting/run-metrics'),
    import('@agent-ci/notify/pushgateway'),
  ])
  const fallback = { job: 'agent-ci-nightly', grouping: {} }
  await pushMetrics(renderExposition(nightMetrics(results)), target, fallback, host)
}

const NOTHING_JUDGED = {
  reruns: [],
  findings: [],
  fleetShift: null,
  quarantined: [],
  tooFlaky: [],
  notes: [],
  troubles: [],
} as const

/** The whole night, from the evaluations, its own or those of other jobs, to the alerts. */
export async function runNight(run: NightRun): Promise<Outcome> {
  const { plan, startedAt, settings, host } = run
  const memory = await NightMemory.open(settings, host)
  const { remembered } = memory
  const found = settings.merge === undefined ? undefined : findLegs(plan.legs, settings.merge, run.facts.night, host)
  const facts = { ...run.facts, ...(found && { night: found.night }) }
  const evaluator = new Evaluator(settings, plan, facts, found?.costUsd ?? 0, host)
  try {
    await evaluator.openSets()
    const joinParts = evaluator.joined.bind(evaluator)
    const tonight = found
      ? await joinLegs(plan.legs, found, settings.outputDir, facts, joinParts, host)
      : await evaluateAll(run, evaluator)
    await memory.add({ nights: nightsOf(tonight) }, facts)
    const keys = alertKeys(facts.run?.repository)
    const isOpen = openIncidents(remembered, host)
    const confirmed = confirmedBefore(remembered.findings, nightsOf(tonight), (series) => isOpen(keys.of(series)))
    const judged = await judgeNight(tonight, remembered, facts.night, settings, confirmed, evaluator, host)
    const flaky = findFlaky(remembered, nightsOf(tonight), facts.night, judged.findings, settings)
    if (flaky.next || judged.controls.length > 0)
      await memory.add({ nights: nightsOf(judged.controls), ...optional('quarantine', flaky.next) }, facts)
    const results = conclude(
      {
        ...judged,
        night: facts.night,
        legs: [...tonight, ...judged.controls],
        fleetShift: judged.detection.fleetShift,
        quarantined: flaky.quarantined,
        tooFlaky: flaky.tooMany,
        notes: [...notesOf(settings, remembered.nights, facts.night), ...seedNotes(nightsOf(tonight)), ...flaky.notes],
        troubles: memory.troubles,
        run: facts.run && { id: facts.run.id, url: facts.run.url },
        startedAt,
        finishedAt: host.date().toISOString(),
      },
      settings.outputDir,
    )
    // Before the alerts, whose services may be slow.
    writeResults(results, settings.outputDir)
    // Nobody is told of half a night.
    const told = host.signal.aborted
      ? undefined
      : await tell(results, remembered, settings, facts.run?.repository, host)
    const whole = { ...results, incidents: told?.incidents ?? [] }
    const kept = told ? keptFindings(whole, nightsOf(tonight), judged.detection, keys) : []
    if (told?.next || kept.length > 0)
      await memory.add({ findings: kept, ...(told?.next && { incidents: told.next }) }, facts)
    if (settings.historyDays !== undefined && !host.signal.aborted)
      await memory.prune(settings.historyDays, facts.night)
    const { series } = judged
    const { blessings } = remembered
    const releases = await releaseMarks(settings.githubToken, facts.run?.repository, host)
    const findings = [...remembered.findings, ...kept]
    const issueNumber = told?.issueNumber
    await report({ results: whole, series, blessings, releases, findings, issueNumber, settings }, host)
    if (settings.telemetry.pushgateway) await pushNight(whole, settings.telemetry.pushgateway, host)
    if (!host.signal.aborted) endNight(settings.outputDir)
    return outcomeOf(whole, settings, host)
  } finally {
    await evaluator.close()
  }
}

const nightsOf = (legs: readonly EvaluatedLeg[]): Night[] => legs.map(({ night }) => night)

function notesOf({ recorded }: NightlySettings, nights: readonly Night[], night: string): string[] {
  const replayed = 'Answers come from recordings where there are some: of the models themselves the night says nothing'
  return [...(recorded ? [replayed] : []), ...sinceLastNight(nights, night)]
}

/** What a found break is replayed with. */
function seedNotes(nights: readonly Night[]): string[] {
  const seeds = [...new Set(nights.flatMap(({ fingerprint }) => fingerprint.attack_seed ?? []))]
  return seeds.map((seed) => `Tonight's attacks have the seed ${seed}: attack-seed: '${seed}' makes the same ones`)
}

/** A schedule may be dropped, or disabled, without anybody noticing. */
function sinceLastNight(nights: readonly Night[], night: string): string[] {
  const measured = nights.filter((one) => one.arm === 'current' && one.verdict !== 'errored' && one.night < night)
  const last = measured.reduce((latest, one) => (one.night > latest ? one.night : latest), '')
  if (last === '') return []
  const days = Math.round((Date.parse(night) - Date.parse(last)) / 86_400_000)
  return days <= 1 ? [] : [`The last measured night was ${days} days ago, on ${last}`]
}

function outcomeOf(results: NightlyResults, { failOnRegression }: NightlySettings, host: Host): Outcome {
  const { verdict } = results
  const headline = `${verdict}: ${nightlyHeadline(results)}`
  const exitStatus = verdict === 'errored' || (verdict === 'failed' && failOnRegression) ? 1 : 0
  if (verdict === 'failed' && exitStatus === 0) host.warn('Nightly evaluation', forLog(headline))
  return { verdict, exitStatus, headline }
}
