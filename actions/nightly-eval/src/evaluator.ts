import { existsSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { EvaluatedArm } from '@agent-ci/action-eval-gate/arm'
import type { EvalSettings } from '@agent-ci/action-eval-gate/settings'
import { messageOf } from '@agent-ci/core/errors'
import type { Host } from '@agent-ci/core/host'
import type { Night } from '@agent-ci/core/nightly/night'
import { forLog } from '@agent-ci/core/untrusted'
import { Budget } from '@agent-ci/gateway/budget'
import { type ObjectId, shortId } from '@agent-ci/prompts/git/git'
import { legName } from '@agent-ci/reporting/nightly/wording'
import { agentAt } from './control-agent.ts'
import { evaluateLeg, notEvaluated, writeRecord } from './evaluate-leg.ts'
import type { EvaluatedLeg } from './leg-record.ts'
import type { Leg } from './legs.ts'
import type { NightFacts } from './night-of.ts'
import { type Plan, trialsOf } from './plan.ts'
import { NightProgress } from './progress.ts'
import {
  commitOf,
  inRepository,
  type OpenedArm,
  openCommit,
  openPromptSet,
  type PromptPlaces,
  promptPlaces,
} from './prompt-sets.ts'
import type { NightlySettings, PromptSource } from './settings.ts'

/** Of the longest confirmation. */
const MOST_RERUNS = 3
const rerunIn = (leg: Leg, time: number) => join(leg.id, `again-${time}`)
const controlIn = (leg: Leg) => join(leg.id, 'control')

/** Removes what an earlier night ran beside its legs. */
export function clearFurther(legs: readonly Leg[], outputDir: string): void {
  for (const leg of legs) {
    const reruns = Array.from({ length: MOST_RERUNS }, (_, i) => rerunIn(leg, i + 1))
    for (const directory of [...reruns, controlIn(leg)])
      rmSync(join(outputDir, directory), { recursive: true, force: true })
  }
}

const WORKSPACE: PromptSource = { kind: 'workspace' }

/** Evaluates legs one after the other, within one budget and with one progress. */
export class Evaluator {
  private readonly settings: NightlySettings
  private readonly plan: Plan
  private readonly facts: NightFacts
  private readonly host: Host
  private readonly budget: Budget | undefined
  private readonly progress: NightProgress
  private readonly places: PromptPlaces
  private readonly sets = new Map<string, OpenedArm | undefined>()

  /** @param spentUsd what the legs that other jobs evaluated did cost */
  constructor(settings: NightlySettings, plan: Plan, facts: NightFacts, spentUsd: number, host: Host) {
    this.settings = settings
    this.plan = plan
    this.facts = facts
    this.host = host
    const { budgetUsd } = settings
    this.budget = budgetUsd === undefined ? undefined : new Budget({ usd: Math.max(0, budgetUsd - spentUsd) })
    this.progress = new NightProgress(settings.merge === undefined ? trialsOf(plan) : 0, host)
    this.places = promptPlaces(settings.evaluationOf(plan.legs[0]!), host)
  }

  /** Opens the sets of prompts of the legs, so that one that is not there is refused before the first call. */
  async openSets(): Promise<void> {
    for (const leg of this.plan.legs) {
      if (leg.prompts === null || this.sets.has(leg.prompts)) continue
      const source = this.settings.promptSources.get(leg.prompts)!
      this.sets.set(leg.prompts, await openPromptSet(leg.prompts, source, this.settings.evaluationOf(leg), this.places))
    }
  }

  async close(): Promise<void> {
    for (const arm of this.sets.values()) await arm?.close()
  }

  /** @param continues whether what this night measured of the leg already is kept */
  leg(leg: Leg, continues: boolean): Promise<EvaluatedLeg> {
    const settings = this.settings.evaluationOf(leg)
    const resume = settings.resume !== 'never' && continues ? 'kept' : 'never'
    return this.whole(leg, legName(leg), { ...settings, resume })
  }

  /** The leg of which other jobs evaluated a part each, in these directories. */
  joined(leg: Leg, directories: readonly string[]): Promise<EvaluatedLeg> {
    const merge = directories.map((directory) => relative(this.host.cwd, directory))
    return this.whole(leg, `${legName(leg)}, ${directories.length} parts`, {
      ...this.settings.evaluationOf(leg),
      merge,
    })
  }

  private async whole(leg: Leg, title: string, settings: EvalSettings): Promise<EvaluatedLeg> {
    const evaluated = await this.run(title, leg, 'current', leg.id, settings, this.armOf(leg))
    writeRecord(leg, evaluated, join(this.settings.outputDir, leg.id), settings.shard)
    return evaluated
  }

  /** The same leg once more, to confirm what it showed; with other pairs, so that a night whose pairs were unlucky is not confirmed by them. */
  again(leg: Leg, time: number): Promise<EvaluatedLeg> {
    this.progress.add(this.trialsOf(leg))
    const tonight = this.settings.evaluationOf(leg)
    const attackSeed = this.settings.rotatesSeed ? `${tonight.attackSeed}-again-${time}` : tonight.attackSeed
    const settings = { ...tonight, attackSeed, resume: 'never' as const }
    return this.run(`${legName(leg)}, run again`, leg, 'current', rerunIn(leg, time), settings, this.armOf(leg))
  }

  /** The leg with the prompts and the configuration of the baseline, as a night of it had them. */
  async control(leg: Leg, baseline: Night): Promise<EvaluatedLeg> {
    this.progress.add(this.trialsOf(leg))
    let opened: { readonly commit: ObjectId; readonly arm: OpenedArm; readonly settings: EvalSettings }
    try {
      const commit = await this.baselineCommit(baseline)
      opened = { commit, ...(await this.openControl(leg, commit)) }
    } catch (error) {
      this.progress.legEnded(this.trialsOf(leg))
      return notEvaluated({ leg, arm: 'control' }, this.facts, messageOf(error), this.host)
    }
    const { commit, arm, settings } = opened
    try {
      const title = `${legName(leg)}, the prompts and configuration of ${shortId(commit)}`
      return await this.run(title, leg, 'control', controlIn(leg), settings, arm)
    } finally {
      await arm.close()
    }
  }

  /** The commit that the settings name, or that a night of the baseline was measured at. */
  private async baselineCommit({ fingerprint, night }: Night): Promise<ObjectId> {
    const given = this.settings.baseline
    if (given !== undefined) return commitOf(given, this.places)
    const [commit, changes] = (fingerprint.code ?? '').split('+')
    if (!commit) throw new Error(`The commit of the baseline's night of ${night} is not known`)
    if (changes !== undefined)
      throw new Error(
        `The baseline's night of ${night} was measured with changes that were not committed: set baseline to a commit`,
      )
    return commitOf(commit, this.places)
  }

  private async openControl(leg: Leg, commit: ObjectId) {
    const today = this.settings.evaluationOf(leg)
    const agent = await agentAt(commit, today, this.settings.agentByInput, this.places)
    const source = leg.prompts === null ? WORKSPACE : this.settings.promptSources.get(leg.prompts)!
    const further = today.agentConfig === undefined ? [] : [inRepository(today.agentConfig, this.places)]
    // A set that is a commit itself is the same in both arms.
    const of = source.kind === 'ref' ? await commitOf(source.ref, this.places) : commit
    const arm = await openCommit('control', of, source, further, { ...today, agent }, this.places)
    const config = further[0] === undefined ? undefined : join(arm.directory, further[0])
    const settings: EvalSettings = {
      ...today,
      agent,
      resume: 'never',
      batch: today.batch && agent.type === 'anthropic' && agent.tools.length === 0,
      ...(config !== undefined && existsSync(config) && { agentConfig: config }),
    }
    return { arm, settings }
  }

  private armOf({ prompts }: Leg): EvaluatedArm | undefined {
    return prompts === null ? undefined : this.sets.get(prompts)
  }

  private trialsOf({ dataset }: Leg): number {
    return this.plan.trials.get(dataset) ?? 0
  }

  private run(
    title: string,
    leg: Leg,
    arm: Night['arm'],
    directory: string,
    settings: EvalSettings,
    prompts: EvaluatedArm | undefined,
  ): Promise<EvaluatedLeg> {
    const { budget, host } = this
    const job = {
      leg,
      arm,
      title: forLog(title, 300),
      directory: join(this.settings.outputDir, directory),
      settings: {
        ...settings,
        ...(settings.traffic && budget && { traffic: { ...settings.traffic, sharedBudget: budget } }),
      },
      prompts,
      planned: settings.merge ? 0 : this.trialsOf(leg),
    }
    return evaluateLeg(job, this.facts, this.progress, host)
  }
}
