import { optional } from '@agent-ci/core/config/setting-reader'
import type { ExpectedExample } from '@agent-ci/core/early-stop'
import { ConfigurationError, formatProblem, type Problem } from '@agent-ci/core/errors'
import type { Dataset } from '@agent-ci/core/example'
import { formatRule } from '@agent-ci/core/gate'
import type { Host } from '@agent-ci/core/host'
import { probeKind } from '@agent-ci/core/probe'
import type { Scorer } from '@agent-ci/core/score'
import { ATTACKED, attackedDataset, filledProbes } from '@agent-ci/evaluation/datasets/attacked'
import { loadDataset } from '@agent-ci/evaluation/datasets/load'
import { createScorerSet, type ScorerSet } from '@agent-ci/evaluation/scorers/create'
import { judgeModelOf } from '@agent-ci/evaluation/scorers/defaults'
import type { EvalSettings } from './settings.ts'
import type { Traffic } from './traffic.ts'

/** Has something closed at the end of the run. */
export type Later = (close: () => Promise<void> | void) => void

/** The golden examples and who judges them, all checked. */
export interface Golden {
  readonly dataset: Dataset
  readonly scorers: ScorerSet
  /** What the example at a position will be judged by. */
  readonly expected: (index: number) => ExpectedExample
}

/** Opens the dataset and its scorers. */
export async function openGolden(
  settings: Pick<EvalSettings, 'gates' | 'scorers'> & ExampleSettings,
  traffic: Traffic | undefined,
  host: Host,
  later: Later,
): Promise<Golden> {
  const env = { ...host.env, ...traffic?.judgeEnv }
  const { baseDir: cwd } = settings
  const scorers = await createScorerSet(settings.scorers, { cwd, env, random: host.random, sleep: host.sleep })
  later(scorers.close)
  const dataset = await loadExamples(settings, scorers, host)
  later(() => dataset.close())
  return { dataset, scorers, expected: await inspectExamples(settings, dataset, scorers) }
}

type ExampleSettings = Pick<EvalSettings, 'attacks' | 'attackSeed' | 'baseDir' | 'dataset' | 'langsmith'>

/** The examples of a run: the dataset's own, and behind them the attacked ones where there are attacks. */
export async function loadExamples(
  { attacks, attackSeed, baseDir, dataset, langsmith }: ExampleSettings,
  { configs, needsExpectation }: Pick<ScorerSet, 'configs' | 'needsExpectation'>,
  host: Host,
): Promise<Dataset> {
  const load = (files: EvalSettings['dataset']) =>
    loadDataset(files, {
      cwd: host.cwd,
      tempDir: host.tempDir,
      baseDir,
      needsExpectation,
      ...judgeModelOf(configs),
      env: host.env,
      ...optional('langsmith', langsmith),
      warn: (message) => host.warn('Dataset', message),
    })
  const golden = await load(dataset)
  if (attacks) return attackedDataset(golden, await load(attacks), { ...attacks, seed: attackSeed })
  return probeKind(golden.at(0)) === undefined ? golden : filledProbes(golden, attackSeed)
}

/**
 * What can only be seen by looking at every example: gates on tags that none has, scorers of examples that cannot be made, and what each
 * will be judged by.
 */
async function inspectExamples(
  settings: Pick<EvalSettings, 'gates'>,
  dataset: Dataset,
  scorers: ScorerSet,
): Promise<(index: number) => ExpectedExample> {
  // Examples of the same kind share one object: 100,000 of them stay small.
  const kinds = new Map<string, ExpectedExample>()
  const expected: ExpectedExample[] = []
  const problems: Problem[] = []
  for (let index = 0; index < dataset.size; index++) {
    const example = dataset.at(index)
    let judges: readonly Scorer[] = []
    try {
      judges = await scorers.forExample(example)
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      problems.push(...error.problems)
    }
    const { tags, critical, group } = example
    const kind = {
      judgesOutput: judges.some((scorer) => scorer.judges === 'output'),
      judgesTools: judges.some((scorer) => scorer.judges === 'tools'),
      scorers: judges.map((scorer) => scorer.name),
      tags,
      critical,
      group,
      probe: probeKind(example),
    }
    const key = JSON.stringify(kind)
    if (!kinds.has(key)) kinds.set(key, kind)
    expected.push(kinds.get(key)!)
  }
  const tags = new Set([...kinds.values()].flatMap((kind) => kind.tags))
  for (const gate of settings.gates) {
    const { tag } = gate.selector
    if (tag === undefined) continue
    if (gate.metric === 'accuracy' || gate.metric === 'tool_accuracy') {
      const tagged = [...kinds.values()].filter((kind) => kind.tags.includes(tag))
      if (tagged.length > 0 && tagged.every(({ probe }) => probe !== undefined))
        problems.push({
          what: `${gate.origin.name} has the gate "${formatRule(gate)}"`,
          why: `Every example with the tag "${tag}" carries a probe, and ${gate.metric} is of the others`,
          mend: `Write utility_under_attack${tag === ATTACKED ? '' : `[tag=${tag}]`} instead`,
          ...(gate.origin.source && { source: gate.origin.source }),
        })
    }
    if (tags.has(tag)) continue
    problems.push({
      what: `${gate.origin.name} has the gate "${formatRule(gate)}"`,
      why: `No example of ${dataset.name} has the tag "${tag}"`,
      mend:
        tags.size > 0 ? `Tags there: ${[...tags].sort().join(', ')}` : 'Give examples tags, or take the selector away',
      ...(gate.origin.source && { source: gate.origin.source }),
    })
  }
  // Examples that one line was made into say the same of it.
  const told = new Map(problems.map((problem) => [formatProblem(problem), problem]))
  if (told.size > 0) throw new ConfigurationError([...told.values()])
  return (index) => expected[index]!
}
