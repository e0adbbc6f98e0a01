import { mkdirSync } from 'node:fs'
import { workflowRun } from '@agent-ci/action-eval-gate/evaluated-parts'
import type { Host, Outcome } from '@agent-ci/core/host'
import { clearFurther } from './evaluator.ts'
import { describePlan, planNight } from './plan.ts'
import { reportPlan } from './report.ts'
import { type NightRun, runLegs, runNight } from './run-night.ts'
import { readNightlySettings } from './settings.ts'

/** Each leg sends its own spans, and what is wrong with one receiver is wrong for all of them. */
function warnedOnce(host: Host, title: string): Host {
  let told = false
  const warn: Host['warn'] = (of, message) => {
    if (of === title && told) return
    told ||= of === title
    host.warn(of, message)
  }
  return { ...host, warn }
}

/** Evaluates datasets under models and sets of prompts, holds them against the nights before, and tells people what moved. */
export async function main(given: Host): Promise<Outcome> {
  const host = warnedOnce(given, 'OpenTelemetry')
  const settings = await readNightlySettings(host)
  const startedAt = host.date().toISOString()
  const run = workflowRun(host.env)
  const facts = {
    night: startedAt.slice(0, 10),
    run: run && { repository: run.repository, id: run.id, attempt: run.attempt, url: run.url },
    repeats: settings.evaluationOf(settings.legs[0]!).repeats,
  }
  const plan = await planNight(settings.only ?? settings.legs, settings, host)
  for (const line of describePlan(plan, settings)) host.info(line)
  if (settings.planOnly) return reportPlan(plan.legs, host)
  mkdirSync(settings.outputDir, { recursive: true })
  clearFurther(plan.legs, settings.outputDir)
  const night: NightRun = { plan, facts, startedAt, settings, host }
  return settings.only ? runLegs(night) : runNight(night)
}
