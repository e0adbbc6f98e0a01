import { conclude } from '@agent-ci/core/conclusion'
import { type ExpectedExample, planEarlyStop, type StopRules } from '@agent-ci/core/early-stop'
import { parseGate } from '@agent-ci/core/gate'
import { decideGate } from '@agent-ci/core/gate-decision'
import type { Trial } from '@agent-ci/core/trial'
import { TrialTable } from '@agent-ci/core/trial-table'
import { untrusted } from '@agent-ci/core/untrusted'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'

const RULES: StopRules = {
  stop: 'certain',
  maxDisagreement: 0.01,
  onInconclusive: 'point',
  confidence: 0.95,
  estimand: 'population',
  minCoverage: 0.8,
}
const EXAMPLE: ExpectedExample = {
  judgesOutput: true,
  judgesTools: false,
  scorers: ['judge'],
  tags: [],
  critical: false,
  group: undefined,
}
const gate = (text: string) => parseGate(text, { name: 'gates' })

const trialOf = (index: number, repeat: number, passed: boolean, latencyMs = 100): Trial => ({
  exampleId: `e${index}`,
  index,
  repeat,
  outcome: passed ? 'passed' : 'failed',
  correct: passed,
  toolCorrect: null,
  reply: { output: untrusted(''), toolCalls: null, usage: {}, latencyMs, attempts: 1 },
  scores: [],
  startedAt: '',
})

/** Runs trials in dispatch order until the stop decides; what it said, and how many it took. */
function runUntilDecided(
  trials: readonly Trial[],
  gates: readonly ReturnType<typeof gate>[],
  repeats: number,
  rules: StopRules,
  example = (_: number) => EXAMPLE,
) {
  const planned = planEarlyStop(
    gates,
    Uint32Array.from({ length: trials.length / repeats }, (_, i) => i),
    repeats,
    example,
    rules,
  )
  if (!planned.stop) throw new Error(planned.reason)
  let taken = 0
  for (const trial of trials) {
    planned.stop.run.record(taken++, planned.stop.valuesOf(trial))
    if (planned.stop.run.decided) break
  }
  return { stop: planned.stop, taken }
}

const fullTable = (trials: readonly Trial[], group: (index: number) => string | undefined = () => undefined) => {
  const table = new TrialTable()
  for (const trial of trials)
    table.add(trial, {
      tags: [],
      critical: false,
      ...(group(trial.index) !== undefined && { group: group(trial.index)! }),
    })
  return table
}

describe('the certain stop', () => {
  test('never says otherwise than the full run', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }),
        fc.constantFrom('accuracy >= 0.85', 'accuracy > 0.5', 'accuracy <= 0.3', 'accuracy < 0.9', 'accuracy >= 1'),
        (passes, rule) => {
          const trials = passes.map((passed, i) => trialOf(i, 0, passed))
          const { stop } = runUntilDecided(trials, [gate(rule)], 1, RULES)
          const full = decideGate(gate(rule), fullTable(trials), RULES)
          expect(stop.gates[0]!.gate.decision?.met).toBe(full.met)
        },
      ),
      { numRuns: 100 },
    )
  })
  test('with repeats and groups it says what the full run would, or runs to the end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 5, maxLength: 40 }),
        fc.boolean(),
        (passes, grouped) => {
          const trials = passes.flatMap((count, i) => [0, 1, 2].map((repeat) => trialOf(i, repeat, repeat < count)))
          const group = (index: number) => (grouped ? `g${index % 7}` : undefined)
          const { stop, taken } = runUntilDecided(trials, [gate('accuracy >= 0.7')], 3, RULES, (index) => ({
            ...EXAMPLE,
            group: group(index),
          }))
          if (taken === trials.length) return
          const full = decideGate(gate('accuracy >= 0.7'), fullTable(trials, group), RULES)
          expect(stop.gates[0]!.gate.decision?.met).toBe(full.met)
        },
      ),
      { numRuns: 100 },
    )
  })
  test('a percentile is a share of calls within the limit', () => {
    const trials = Array.from({ length: 100 }, (_, i) => trialOf(i, 0, true, i < 6 ? 9_000 : 10))
    const { stop, taken } = runUntilDecided(trials, [gate('latency_p95_ms <= 5s')], 1, RULES)
    expect(stop.gates[0]!.gate.decision).toMatchObject({ met: false, by: 'certain' })
    expect(taken).toBe(6)
  })
  test('several gates: all must be decided', () => {
    const trials = Array.from({ length: 100 }, (_, i) => trialOf(i, 0, false))
    expect(runUntilDecided(trials, [gate('accuracy >= 0.85'), gate('latency_p95_ms <= 5s')], 1, RULES).taken).toBe(95)
  })
  test('for a release gate it waits until the threshold is confirmed or can no longer be', () => {
    const good = Array.from({ length: 100 }, (_, i) => trialOf(i, 0, true))
    const point = runUntilDecided(good, [gate('accuracy >= 0.85')], 1, RULES).taken
    const confirmed = runUntilDecided(good, [gate('accuracy >= 0.85')], 1, { ...RULES, onInconclusive: 'fail' }).taken
    expect(point).toBe(85)
    expect(confirmed).toBe(92)
  })
})

test('the confident stop takes fewer calls far from the threshold', () => {
  const good = Array.from({ length: 200 }, (_, i) => trialOf(i, 0, true))
  expect(runUntilDecided(good, [gate('accuracy >= 0.85')], 1, { ...RULES, stop: 'confident' }).taken).toBeLessThan(60)
})

test('scores are bet on with a confident stop; what it says of runs to come is inconclusive', () => {
  const good = Array.from({ length: 200 }, (_, i) => ({
    ...trialOf(i, 0, true),
    scores: [{ scorer: 'judge', value: 0.95, passed: true, reason: '' }],
  }))
  const { stop, taken } = runUntilDecided(good, [gate('score.judge >= 0.7')], 1, { ...RULES, stop: 'confident' })
  expect(taken).toBeLessThan(120)
  expect(stop.gates[0]!.gate.decision).toMatchObject({ met: true, by: 'confident' })
})

test.each([
  [
    '20 examples cannot decide accuracy >= 0.9, however good they are',
    'accuracy >= 0.9',
    { ...RULES, onInconclusive: 'fail' as const },
  ],
  ['stop is "never"', 'accuracy >= 0.85', { ...RULES, stop: 'never' as const }],
  ['latency_mean_ms is known only at the end', 'latency_mean_ms <= 1s', RULES],
  ['cost_usd is known only at the end', 'cost_usd <= 1', RULES],
  ['score.judge is known only at the end', 'score.judge >= 0.5', RULES],
  ['pass_at_3 is known only at the end', 'pass_at_3 >= 0.5', RULES],
])('no early stop: %s', (reason, rule, rules) => {
  expect(
    planEarlyStop(
      [gate(rule)],
      Array.from({ length: 20 }, (_, i) => i),
      1,
      () => EXAMPLE,
      rules,
    ),
  ).toEqual({ stop: undefined, reason })
})

test('a stopped run gives no share as a value, but the range that was still possible', () => {
  const trials = Array.from({ length: 100 }, (_, i) => trialOf(i, 0, false))
  const { stop, taken } = runUntilDecided(trials, [gate('accuracy >= 0.85')], 1, RULES)
  const { results, pointMet } = conclude(
    fullTable(trials.slice(0, taken)),
    [gate('accuracy >= 0.85')],
    {
      ...RULES,
      dataset: { name: 'd', files: [], digest: 'sha256:0', size: 100 },
      agent: 'x',
      model: null,
      repeats: 1,
      seed: '1',
      fingerprint: { code: null, prompts: null, config: null, model: null, tools: null, dataset: '', scorers: '' },
      planned: 100,
      config: null,
      end: { ending: 'decided', reason: 'decided', started: taken },
      earlyStop: stop,
      errors: new Map(),
      startedAt: '',
      finishedAt: '',
    },
    [],
  )
  expect(taken).toBe(16)
  expect(results).toMatchObject({
    verdict: 'failed',
    accuracy: null,
    coverage: 1,
    stopped: { started: 16, planned: 100 },
    gates: [{ value: null, possible: [0, 0.84] }],
    metrics: { accuracy: { value: null, n: 16, passes: 0 } },
  })
  expect(pointMet).toBe(false)
})
