import { compare, type ExampleSummary, pairRuns, type Rerun } from '@agent-ci/core/comparison'
import { type ExpectedExample, planEarlyStop } from '@agent-ci/core/early-stop'
import { parseGate } from '@agent-ci/core/gate'
import type { Results } from '@agent-ci/core/results'
import { confirmFlips } from '@agent-ci/core/statistics/flips'
import type { TrialView, UnrunView } from '@agent-ci/reporting/trial-view'
import { decided, view, wrong } from './fixtures.ts'

const REPEATS = 3

/** Passes now, of three runs; every other example passes in all of them. Before, all passed but those in `LOST_BEFORE`. */
const PASSES_NOW: Readonly<Record<number, number>> = { 3: 0, 11: 0, 21: 1, 26: 0, 31: 2, 37: 0, 44: 1, 52: 2 }
const PASSES_BEFORE: Readonly<Record<number, number>> = { 26: 2, 48: 1, 52: 1 }
const CRITICAL = 37

const repeatsOf = (index: number): TrialView[] => {
  const good = view(index)
  const marked = { ...good, example: { ...good.example, critical: index === CRITICAL } }
  return Array.from({ length: REPEATS }, (_, repeat) => {
    const each = repeat < (PASSES_NOW[index] ?? REPEATS) ? marked : wrong(marked, 'Please contact support.')
    return { ...each, trial: { ...each.trial, repeat } }
  })
}

/** 60 examples with three runs each, of which some pass less often than they did, one more often, and a critical one not at all. */
export const comparedViews: readonly TrialView[] = Array.from({ length: 60 }, (_, index) => repeatsOf(index)).flat()

const summaryOf = (index: number, passes: number, latencyMs: number, costUsd: number): ExampleSummary => ({
  id: view(index).example.id,
  digest: `sha256:${index}`,
  critical: index === CRITICAL,
  group: undefined,
  passes,
  runs: REPEATS,
  latencyMs,
  costUsd,
})
const summaries = (passes: Readonly<Record<number, number>>, slower: number, dearer: number) =>
  Array.from({ length: 60 }, (_, index) =>
    summaryOf(
      index,
      passes[index] ?? REPEATS,
      view(index).trial.reply.latencyMs + slower * (1 + (index % 5)),
      0.0021 + dearer * (1 + (index % 3)),
    ),
  )

const origin = {
  source: 'runs/main',
  code: '4f920a8d31c07be2',
  finishedAt: '2026-11-19T17:31:08.211Z',
  differs: ['code', 'prompts'],
}
const candidate = summaries(PASSES_NOW, 0, 0)
const baseline = [
  ...summaries(PASSES_BEFORE, -30, 0.0001).map((each, index) =>
    index === 5 || index === 40 ? { ...each, digest: 'sha256:other' } : each,
  ),
  { ...summaryOf(70, 3, 400, 0.002), id: 'billing-retired' },
]
const matched = pairRuns(baseline, [...candidate, { ...summaryOf(71, 3, 400, 0.002), id: 'refunds-new' }])

const again: Readonly<Record<string, number>> = {
  'account-004': 0,
  'refunds-012': 1,
  'refunds-022': 7,
  'shipping-038': 0,
}
const suspects = matched.pairs.filter(({ candidate: { id } }) => id in again)
const rerun = suspects.map((pair) => ({ ...pair, again: { passes: again[pair.candidate.id]!, runs: 8 } }))
const findings = confirmFlips(rerun.map(({ base, again: runs }) => ({ base, candidate: runs })))
const reruns: readonly Rerun[] = rerun.map((each, at) => ({
  ...each,
  finding: each.candidate.critical ? 'broken' : findings[at]!.outcome,
}))
const rules = { confidence: 0.95, margin: 0.03 }

/** A run whose critical example is broken since its baseline. */
export const comparedRun: Results = decided(comparedViews, ['accuracy >= 0.85'], {
  repeats: REPEATS,
  comparison: compare(origin, matched, reruns, rules),
})

/** The same, with nothing critical in it. */
export const regressedRun: Results = decided(comparedViews, ['accuracy >= 0.95', 'accuracy[tag=refunds] >= 0.9'], {
  repeats: REPEATS,
  comparison: compare(origin, matched, [], rules),
})

/** A run like its baseline. */
export const unchangedRun: Results = decided(comparedViews, ['accuracy >= 0.85'], {
  repeats: REPEATS,
  comparison: compare({ ...origin, differs: [] }, pairRuns(candidate, candidate), [], rules),
})

/** A run of ten examples, of which one passes no longer. */
export const unclearRun: Results = decided(comparedViews, ['accuracy >= 0.85'], {
  repeats: REPEATS,
  comparison: compare(origin, pairRuns(baseline.slice(0, 10), candidate), [], rules),
})

/** Two runs of other datasets. */
export const incomparableRun: Results = decided(comparedViews, ['accuracy >= 0.85'], {
  repeats: REPEATS,
  comparison: compare(
    { source: 'elsewhere/trials.jsonl', code: null, finishedAt: null, differs: [] },
    pairRuns(baseline.slice(-1), candidate),
    [],
    rules,
  ),
})

/** 200 examples of which the run made as many as its gates needed. */
function stoppedRunOf(passes: (index: number) => boolean, gates: readonly string[]) {
  const planned = Array.from({ length: 200 }, (_, index) => {
    const each = view(index, { latencyMs: 400 + index })
    return passes(index) ? each : wrong(each, 'I am not sure.')
  })
  const plan = planEarlyStop(
    gates.map((rule) => parseGate(rule, { name: 'gates' })),
    planned.map((_, index) => index),
    1,
    (index): ExpectedExample => {
      const { tags, critical, group } = planned[index]!.example
      return { judgesOutput: true, judgesTools: true, scorers: [], tags, critical, group }
    },
    {
      stop: 'certain',
      maxDisagreement: 0,
      confidence: 0.95,
      estimand: 'population',
      minCoverage: 0.8,
      onInconclusive: 'point',
    },
  )
  if (!plan.stop) throw new Error(plan.reason)
  let started = 0
  while (!plan.stop.decided) {
    plan.stop.record(started, planned[started]!.trial)
    started++
  }
  const reason = `Every gate was decided after ${started} of ${planned.length} trials`
  const results = decided(planned.slice(0, started), gates, {
    planned: planned.length,
    dataset: { name: 'golden', files: ['data/golden.jsonl'], digest: 'sha256:0123456789abcdef', size: planned.length },
    end: { ending: 'decided', reason, started },
    earlyStop: plan.stop,
  })
  const views = planned.map((each, index): TrialView | UnrunView =>
    index < started ? each : { trial: null, example: each.example },
  )
  return { results, views }
}

/** No answer is right: 39 of 200 trials settle that. */
export const stoppedRun = stoppedRunOf(() => false, ['accuracy >= 0.85'])

/** Nearly all answers are right, and quick enough. */
export const stoppedGoodRun = stoppedRunOf((index) => index % 40 !== 39, ['accuracy >= 0.85', 'latency_p95_ms <= 5s'])

/** 44 of 50 examples pass. */
export const unsureViews: readonly TrialView[] = Array.from({ length: 50 }, (_, index) =>
  index % 8 === 7 ? wrong(view(index), 'Please contact support.') : view(index),
)

export const ADVICE =
  'If 0.88 is the true share, about 832 examples would decide it (50 were run). 50 examples cannot tell 0.85 from 0.9: a system that is really 0.9 is confirmed in 25 of 100 runs.'

/** A run too small to be sure. */
export const unsureRun: Results = (() => {
  const results = decided(unsureViews, ['accuracy >= 0.85', 'latency_mean_ms <= 2s'])
  return {
    ...results,
    gates: results.gates.map((gate) => (gate.verdict === 'inconclusive' ? { ...gate, advice: ADVICE } : gate)),
  }
})()
