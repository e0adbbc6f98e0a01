import { ConfigurationError } from '@agent-ci/core/errors'
import type { Host, Outcome } from '@agent-ci/core/host'
import { forLog } from '@agent-ci/core/untrusted'
import { exitStatus } from '@agent-ci/core/verdict'
import { type Change, detectChange } from './change.ts'
import { goldenChange } from './golden-change.ts'
import { confirmSuspects, measure, pairArms } from './measure.ts'
import { describePlan, prepare } from './prepare.ts'
import { clearOutput, report, reportNothing } from './report.ts'
import { type Concluded, conclude, nothingToRun } from './results.ts'
import { type PromptSettings, readPromptSettings } from './settings.ts'
import { trustedConfig } from './trusted-config.ts'

/** Compares the prompts of a change with those before it on the same examples. */
export async function main(host: Host): Promise<Outcome> {
  const change = await detectChange(host)
  const { prompts } = change
  host.info(forLog(prompts.because))
  if (prompts.changes.length === 0) {
    const reason = 'No prompt changed, so nothing was run'
    await reportNothing(nothingToRun(change, reason, host.date().toISOString()), change, host)
    return { verdict: 'passed', exitStatus: 0, headline: `passed: ${reason}` }
  }
  for (const { kind, path } of prompts.changes) host.info(`Prompt ${kind}: ${forLog(path, 300)}`)
  const settings = await readPromptSettings(change, await trustedConfig(change, host), host)
  const { results, pointMet } = await run(change, settings, host)
  return {
    verdict: results.verdict,
    exitStatus: exitStatus(results.verdict, settings.onInconclusive, pointMet),
    headline: `${results.verdict}: ${results.reason}`,
  }
}

async function run(change: Change, settings: PromptSettings, host: Host): Promise<Concluded> {
  const prepared = await prepare(change, settings, host)
  try {
    if (prepared.order.length === 0) throw emptyDataset(prepared.dataset.name)
    for (const line of describePlan(settings, prepared)) host.info(line)
    clearOutput(settings.outputDir)
    const startedAt = host.date().toISOString()
    const measured = await measure(prepared, settings, host)
    try {
      const matched = measured.base && pairArms(measured.base, measured.candidate)
      const reruns = matched ? await confirmSuspects(matched, measured, prepared, settings, host) : []
      const times = { startedAt, finishedAt: host.date().toISOString() }
      const notes = await goldenChange(change, settings, host)
      const concluded = conclude(change, settings, { prepared, measured, matched, reruns, notes, ...times })
      await report(concluded.results, change, settings, host)
      return concluded
    } finally {
      measured.base?.journal.close()
      measured.candidate.journal.close()
    }
  } finally {
    await prepared.close()
  }
}

const emptyDataset = (name: string): ConfigurationError =>
  new ConfigurationError({
    what: `Of the dataset ${name} no example is left to run`,
    why: 'Without examples nothing can be compared',
    mend: 'Check dataset, sample and examples',
  })
