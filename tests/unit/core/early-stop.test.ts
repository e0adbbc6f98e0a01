import { conclude } from '@agent-ci/core/conclusion'
import { type ExpectedExample, planEarlyStop, type StopRules } from '@agent-ci/core/early-stop'
import { parseGate } from '@agent-ci/core/gate'
import { decideGate } from '@agent-ci/core/gate-decision'
import type { Trial } from '@agent-ci/core/trial'
import { TrialTable } from '@agent-ci/core/trial-table'
import { untrusted } from '@agent-ci/core/untrusted'
import { ON_INCONCLUSIVE } from '@agent-ci/core/verdict'
import { describe, expect, test } from '@jest/globals'
import fc from '../../properties.ts'

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
    planned.stop.record(taken++, trial)
    if (planned.stop.decided) break
  }
  return { stop: planned.stop, taken }
}

const fullTable = (trials: readonly Trial[]) => {
  const table = new TrialTable()
  for (const trial of trials) table.add(trial, { tags: [], critical: false })
  return table
}

describe('the certain stop', () => {
  const certain = (text: string, fates: readonly boolean[], rules = RULES) =>
    runUntilDecided(
      fates.map((passed, i) => trialOf(i, 0, passed)),
      [gate(text)],
      1,
      rules,
    )
  const all = (count: number, passed: boolean) => Array.from({ length: count }, () => passed)

  test('waits for the word of the verdict: until the threshold is confirmed, or refuted, whatever the rest brings', () => {
    // Of 100 at 0.85, 92 passes confirm and 78 refute.
    expect(certain('accuracy >= 0.85', all(100, true)).taken).toBe(92)
    expect(certain('accuracy >= 0.85', all(100, false)).taken).toBe(22)
    expect(certain('accuracy <= 0.15', all(100, false)).taken).toBe(92)
  })
  test('waits for it whatever the exit status makes of an inconclusive run', () => {
    for (const onInconclusive of ON_INCONCLUSIVE)
      expect(certain('accuracy >= 0.85', all(100, true), { ...RULES, onInconclusive }).taken).toBe(92)
  })
  test('makes every trial of a run that is inconclusive in the end: its estimate and its advice are worth them', () => {
    const fates = Array.from({ length: 100 }, (_, i) => i % 10 !== 0)
    const { stop, taken } = certain('accuracy >= 0.85', fates)
    expect(taken).toBe(100)
    expect(stop.gates[0]!.gate.decision).toBeNull()
  })
  test('a percentile is a share of calls within the limit', () => {
    const trials = Array.from({ length: 100 }, (_, i) => trialOf(i, 0, true, i < 12 ? 9_000 : 10))
    const { stop, taken } = runUntilDecided(trials, [gate('latency_p95_ms <= 5s')], 1, RULES)
    expect(stop.gates[0]!.gate.decision).toMatchObject({ met: false, by: 'certain' })
    expect(taken).toBe(10)
  })
  test('several gates: all must be decided', () => {
    const trials = Array.from({ length: 100 }, (_, i) => trialOf(i, 0, false))
    expect(runUntilDecided(trials, [gate('accuracy >= 0.85'), gate('latency_p95_ms <= 5s')], 1, RULES).taken).toBe(99)
  })
  test('"every one of these examples" is decided by the first that does not pass', () => {
    expect(certain('accuracy >= 1', [...all(6, true), ...all(14, false)]).taken).toBe(7)
  })
  test('repeats that agree count as one: with them it waits as long as without', () => {
    const trials = Array.from({ length: 300 }, (_, i) => trialOf(Math.floor(i / 3), i % 3, true))
    const { stop, taken } = runUntilDecided(trials, [gate('accuracy >= 0.85')], 3, RULES)
    expect(stop.gates[0]!.gate.decision).toMatchObject({ met: true })
    expect(taken).toBeGreaterThan(3 * 88)
    expect(taken).toBeLessThan(300)
  })
  test('does not end a run that rests on too few of its trials so far', () => {
    const stop = planEarlyStop([gate('accuracy >= 0.85')], [...Array(100).keys()], 1, () => EXAMPLE, RULES).stop!
    const lost = { ...trialOf(0, 0, false), outcome: 'errored' as const, correct: null }
    for (let at = 0; at < 10; at++) stop.record(at, lost)
    for (let at = 10; at < 32; at++) stop.record(at, trialOf(at, 0, false))
    // 22 failures refute it, but 22 of 32 is no coverage of 0.8.
    expect([stop.decided, stop.lookAhead(0, 5)]).toEqual([false, 5])
    for (let at = 32; at < 50; at++) stop.record(at, trialOf(at, 0, true))
    expect([stop.decided, stop.lookAhead(0, 5)]).toEqual([true, 0])
  })
})

describe('the confident stop', () => {
  const confident = { ...RULES, stop: 'confident' as const, maxDisagreement: 0 }
  test('goes by the exit status: for a release gate it waits until the threshold is confirmed or can no longer be', () => {
    const good = Array.from({ length: 100 }, (_, i) => trialOf(i, 0, true))
    const taken = ON_INCONCLUSIVE.map(
      (onInconclusive) => runUntilDecided(good, [gate('accuracy >= 0.85')], 1, { ...confident, onInconclusive }).taken,
    )
    expect(taken).toEqual([85, 92, 79])
  })
  test('never says otherwise than the full run where no disagreement is agreed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }),
        fc.constantFrom('accuracy >= 0.85', 'accuracy > 0.5', 'accuracy <= 0.3', 'accuracy < 0.9', 'accuracy >= 1'),
        (passes, rule) => {
          const trials = passes.map((passed, i) => trialOf(i, 0, passed))
          const { stop } = runUntilDecided(trials, [gate(rule)], 1, confident)
          const full = decideGate(gate(rule), fullTable(trials), confident)
          expect(stop.gates[0]!.gate.decision?.met).toBe(full.met)
        },
      ),
      { numRuns: 100 },
    )
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
    { ...RULES, stop: 'confident' as const, onInconclusive: 'fail' as const },
  ],
  ['20 examples decide nothing about accuracy >= 0.5', 'accuracy >= 0.5', { ...RULES, confidence: 0.9999999 }],
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

/** Concludes a run of 100 examples from the trials made until its stop. */
function concludeStopped(trials: readonly Trial[], rules_: readonly string[], rules = RULES) {
  const gates = rules_.map(gate)
  const { stop, taken } = runUntilDecided(trials, gates, 1, rules)
  const conclusion = conclude(
    fullTable(trials.slice(0, taken)),
    gates,
    {
      ...rules,
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
  return { ...conclusion, taken }
}

describe('a stopped run', () => {
  test('gives no share as a value, but the range that was still possible', () => {
    const trials = Array.from({ length: 100 }, (_, i) => trialOf(i, 0, false))
    const { results, pointMet, taken } = concludeStopped(trials, ['accuracy >= 0.85'])
    expect(taken).toBe(22)
    expect(results).toMatchObject({
      verdict: 'failed',
      accuracy: null,
      coverage: 1,
      stopped: { started: 22, planned: 100 },
      gates: [
        {
          value: null,
          possible: [0, 0.78],
          reason:
            'accuracy misses >= 0.85, whatever the other trials had brought: decided after 22 of 100 trials, 0 of them good',
        },
      ],
      metrics: { accuracy: { value: null, n: 22, passes: 0 } },
    })
    expect(pointMet).toBe(false)
  })
  test('gives of a percentile the order statistics that it could still have come to', () => {
    const trials = Array.from({ length: 100 }, (_, i) => trialOf(i, 0, true, i + 1))
    const { results, taken } = concludeStopped(trials, ['latency_p50_ms <= 1s'])
    // 59 confirm a median. The 50th of 100 is the 50th of these 59 if all the others are slower, the 9th if all are quicker.
    expect(taken).toBe(59)
    expect(results.gates).toMatchObject([{ verdict: 'passed', value: null, possible: [9, 50] }])
  })
  test('gives a percentile no upper end where nothing bounds it', () => {
    const trials = Array.from({ length: 100 }, (_, i) => trialOf(i, 0, true, 2000 + i))
    const { results, taken } = concludeStopped(trials, ['latency_p95_ms <= 1s'])
    expect(taken).toBe(10)
    expect(results.gates).toMatchObject([{ verdict: 'failed', possible: [2004, null] }])
  })
  test('counts a lost trial in neither end of the range', () => {
    const lost = { ...trialOf(0, 0, false), outcome: 'errored' as const, correct: null }
    const trials = Array.from({ length: 100 }, (_, i) => (i === 0 ? lost : trialOf(i, 0, true)))
    const { results, taken } = concludeStopped(trials, ['accuracy >= 0.85'])
    expect(taken).toBe(93)
    expect(results.gates[0]!.possible).toEqual([92 / 99, 1])
  })
  test('that was confident says what it is sure of, and what would settle the rest', () => {
    const trials = Array.from({ length: 100 }, (_, i) => trialOf(i, 0, i % 6 !== 5))
    const { results, pointMet } = concludeStopped(trials, ['accuracy >= 0.8'], { ...RULES, stop: 'confident' })
    expect(pointMet).toBe(true)
    expect(results.gates[0]).toMatchObject({ verdict: 'inconclusive' })
    expect(results.gates[0]!.reason).toMatch(/^the full run would meet accuracy >= 0.8 (for certain|almost surely)/)
    expect(results.gates[0]!.advice).toContain('With stop: certain it ends only when the verdict is settled.')
  })
})
