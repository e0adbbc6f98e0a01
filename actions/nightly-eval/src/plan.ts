import { join } from 'node:path'
import { prepare } from '@agent-ci/action-eval-gate/prepare'
import { optional } from '@agent-ci/core/config/setting-reader'
import { ConfigurationError, type Problem } from '@agent-ci/core/errors'
import type { Host } from '@agent-ci/core/host'
import { forLog } from '@agent-ci/core/untrusted'
import { legName } from '@agent-ci/reporting/nightly/wording'
import { countOf, formatThreshold } from '@agent-ci/reporting/numbers'
import type { Leg } from './legs.ts'
import type { NightlySettings } from './settings.ts'

/** What is to be run, known before the first call. */
export interface Plan {
  readonly legs: readonly Leg[]
  /** Trials by dataset: of each leg of it. */
  readonly trials: ReadonlyMap<string, number>
  /** Of the attacks, where there are some. */
  readonly attackSeed?: string
}

/** Opens every dataset with its scorers and the agent once, so that whatever can be refused is refused before money is spent. */
export async function planNight(legs: readonly Leg[], settings: NightlySettings, host: Host): Promise<Plan> {
  const trials = new Map<string, number>()
  const problems: Problem[] = []
  let attackSeed: string | undefined
  for (const leg of legs) {
    if (trials.has(leg.dataset)) continue
    trials.set(leg.dataset, 0)
    const evaluation = settings.evaluationOf(leg)
    try {
      const prepared = await prepare({ ...evaluation, outputDir: join(settings.outputDir, leg.id) }, host)
      await prepared.close()
      attackSeed ??= prepared.dataset.attacks?.seed
      const planned = prepared.order.length * evaluation.repeats
      if (planned === 0)
        problems.push({
          what: `Of the dataset ${leg.dataset} no example is left to run`,
          why: 'A leg without examples measures nothing',
          mend: 'Check the dataset and sample',
        })
      trials.set(leg.dataset, planned)
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      problems.push(...error.problems)
    }
  }
  if (problems.length > 0) throw new ConfigurationError(problems)
  return { legs, trials, ...optional('attackSeed', attackSeed) }
}

export const trialsOf = ({ legs, trials }: Plan): number =>
  legs.reduce((sum, { dataset }) => sum + (trials.get(dataset) ?? 0), 0)

/** What will be run, in a few lines for the log. */
export function describePlan(plan: Plan, settings: NightlySettings): string[] {
  const { legs, trials } = plan
  const part = legs.length === settings.legs.length ? '' : ` of ${settings.legs.length}`
  const { confirm, control, budgetUsd } = settings
  const further = [
    ...(confirm ? ['up to 3 more runs of a leg that looks regressed'] : []),
    ...(control === 'always'
      ? ['a control run of each leg']
      : control === 'regressed'
        ? ['a control run of a regressed leg']
        : []),
  ]
  return [
    `${countOf(legs.length, 'leg')}${part}, ${countOf(trialsOf(plan), 'trial')}${budgetUsd === undefined ? '' : `, at most ${formatThreshold(budgetUsd, 'usd')}`}`,
    ...legs.map(
      (leg) => `  ${leg.id}: ${forLog(legName(leg), 300)}, ${countOf(trials.get(leg.dataset) ?? 0, 'trial')}`,
    ),
    ...(plan.attackSeed === undefined ? [] : [`Attacks, seed ${forLog(plan.attackSeed)}`]),
    ...(further.length > 0 && settings.only === undefined ? [`Where it is needed: ${further.join('; ')}`] : []),
  ]
}
