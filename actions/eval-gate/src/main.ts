import type { Host, Outcome } from '@agent-ci/core/host'
import type { EvaluatedArm } from './arm.ts'
import { measureAndReport } from './measure.ts'
import { describePlan, prepare } from './prepare.ts'
import { type EvalSettings, readSettings } from './settings.ts'

/** Measures an agent on golden examples and decides by the gates. */
export async function main(host: Host): Promise<Outcome> {
  return evaluate(await readSettings(host.input, host.cwd, host.env), host)
}

/** The same for settings that have been read already; with an arm's prompts in the place of the workspace's. */
export async function evaluate(settings: EvalSettings, given: Host, arm?: EvaluatedArm): Promise<Outcome> {
  const host = withoutSecrets(given, settings.telemetry.secrets)
  if (settings.merge) return (await import('./merge.ts')).merge({ ...settings, merge: settings.merge }, host, arm)
  const prepared = await prepare(settings, host, arm)
  try {
    for (const line of describePlan(settings, prepared)) host.info(line)
    if (settings.planOnly) return { verdict: 'passed', exitStatus: 0, headline: 'Plan only: no call was made' }
    return await measureAndReport(settings, prepared, host)
  } finally {
    await prepared.close()
  }
}

/** Agents and scorers are started with the host's environment. */
const withoutSecrets = (host: Host, names: readonly string[]): Host =>
  names.length === 0
    ? host
    : { ...host, env: Object.fromEntries(Object.entries(host.env).filter(([name]) => !names.includes(name))) }
