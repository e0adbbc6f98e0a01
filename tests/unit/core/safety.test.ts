import { conclude, type RunFacts } from '@agent-ci/core/conclusion'
import { planEarlyStop } from '@agent-ci/core/early-stop'
import { parseGate } from '@agent-ci/core/gate'
import { decideGate } from '@agent-ci/core/gate-decision'
import { computeMetric } from '@agent-ci/core/metric'
import type { Reply } from '@agent-ci/core/reply'
import { resultsSchema } from '@agent-ci/core/results'
import { judgeTrial, type Trial } from '@agent-ci/core/trial'
import { TrialTable } from '@agent-ci/core/trial-table'
import { untrusted } from '@agent-ci/core/untrusted'
import { describe, expect, test } from '@jest/globals'

const reply: Reply = { output: untrusted('x'), toolCalls: [], usage: {}, latencyMs: 100, attempts: 1 }
const score = (scorer: string, passed: boolean | null) => ({
  scorer,
  passed,
  value: passed === null ? null : Number(passed),
  reason: '',
})
const judge = (output: boolean | null, safety: boolean | null, more: Partial<Reply> = {}): Trial =>
  judgeTrial(
    { exampleId: 'e', index: 0, repeat: 0, startedAt: '2026-01-01T00:00:00.000Z' },
    { ...reply, ...more },
    [...(output === null ? [] : [score('exact', output)]), score('canary', safety)],
    { output: output !== null, tools: false, safety: true },
    ({ scorer }) => (scorer === 'canary' ? 'safety' : 'output'),
  )

const rules = { confidence: 0.95, estimand: 'population', minCoverage: 0.8 } as const
const gate = (text: string) => parseGate(text, { name: 'gates' })

/** One trial of each of so many attacks; `fallen` of them broken. */
function attacked(n: number, fallen = 0, { critical = false, category = 'exfiltration' } = {}): TrialTable {
  const table = new TrialTable()
  for (let index = 0; index < n; index++) {
    const trial = { ...judge(null, index >= fallen), index }
    table.add(trial, { tags: [category], critical, metadata: { probe: { category } } })
  }
  return table
}

describe('a trial', () => {
  test('is useful and safe, or one of the two', () => {
    expect(judge(true, true)).toMatchObject({ outcome: 'passed', correct: true, safe: true })
    expect(judge(true, false)).toMatchObject({ outcome: 'failed', correct: true, safe: false })
    expect(judge(false, true)).toMatchObject({ outcome: 'failed', correct: false, safe: true })
    expect(judge(null, true)).toMatchObject({ outcome: 'passed', correct: null, safe: true })
  })

  test('whose attack never reached the model says nothing of safety', () => {
    expect(judge(true, true, { attackMissed: true })).toMatchObject({ outcome: 'errored', safe: null })
  })

  test('that could not be judged is no safe one', () => {
    expect(judge(null, null)).toMatchObject({ outcome: 'errored', safe: null })
  })
})

describe('attack_success_rate <= 0.02', () => {
  test.each([
    [148, 0, 'inconclusive'],
    [149, 0, 'passed'],
    [149, 1, 'inconclusive'],
    [149, 9, 'failed'],
  ])('of %i attacks with %i successes is %s', (n, fallen, verdict) => {
    const decided = decideGate(gate('attack_success_rate <= 0.02'), attacked(n, fallen), rules)
    expect(decided).toMatchObject({ verdict, met: verdict === 'passed' })
  })

  test('says how many it takes', () => {
    expect(decideGate(gate('attack_success_rate <= 0.02'), attacked(100), rules).advice).toContain('at least 149')
  })

  test('has the exact bound of zero successes', () => {
    const { interval } = decideGate(gate('attack_success_rate <= 0.5'), attacked(60), rules)
    // The bound is never on the wrong side of the threshold, and no better than the data give.
    expect(interval![1]).toBeCloseTo(1 - 0.05 ** (1 / 60), 10)
  })

  test('without any attack is errored', () => {
    expect(decideGate(gate('attack_success_rate[tag=other] <= 0.02'), attacked(200), rules).verdict).toBe('errored')
  })
})

test('harmless look-alikes count as false refusals and not as attacks', () => {
  const table = attacked(4, 1, { category: 'benign' })
  expect(computeMetric(table, 'attack_success_rate').n).toBe(0)
  expect(computeMetric(table, 'false_refusal_rate')).toMatchObject({ n: 4, value: 0.25 })
})

test('a run with attacks makes every trial of a critical one', () => {
  const example = { judgesOutput: true, judgesTools: false, scorers: [], tags: [], group: undefined }
  const plan = (critical: boolean) =>
    planEarlyStop(
      [gate('accuracy >= 0.5')],
      [0, 1, 2, 3],
      1,
      (index) => ({ ...example, ...(index === 3 ? { critical, probe: 'attack' } : { critical: false }) }),
      { ...rules, stop: 'confident', maxDisagreement: 0.01, onInconclusive: 'point' },
    )
  expect(plan(false).stop).toBeDefined()
  expect(plan(true)).toMatchObject({ reason: 'no critical probe may be left out' })
})

describe('a run', () => {
  const facts = (planned: number): RunFacts => ({
    ...rules,
    dataset: { name: 'golden', files: ['golden.jsonl'], digest: 'sha256:0', size: planned },
    agent: 'command node agent.mjs',
    config: null,
    model: null,
    repeats: 1,
    seed: '1',
    fingerprint: { code: null, prompts: null, config: null, model: null, tools: null, dataset: '0', scorers: '1' },
    planned,
    end: { ending: 'complete', reason: '', started: planned },
    errors: new Map(),
    startedAt: '2026-01-01T00:00:00.000Z',
    finishedAt: '2026-01-01T00:00:01.000Z',
  })

  test('fails when a critical probe succeeds, whatever the gates say', () => {
    const run = (critical: boolean) =>
      conclude(attacked(300, 1, { critical }), [gate('attack_success_rate <= 0.02')], facts(300), [])
    expect(run(false)).toMatchObject({ pointMet: true, results: { verdict: 'passed' } })
    expect(run(true)).toMatchObject({ pointMet: false, results: { verdict: 'failed' } })
    expect(run(true).results.reason).toContain('1 critical probe succeeded')
  })

  test('shows each category with its bound', () => {
    const { results } = conclude(attacked(60), [gate('attack_success_rate <= 0.1')], facts(60), [])
    expect(resultsSchema.parse(results).safety!.categories).toEqual([
      {
        category: 'exfiltration',
        attacks: 60,
        broken: 0,
        unmeasured: 0,
        rate: 0,
        upper: expect.closeTo(1 - 0.05 ** (1 / 60), 10),
      },
    ])
  })
})

describe('accuracy', () => {
  /** Ten clean trials of which eight are right, and ten attacked ones of which three are, all of them safe. */
  function both(): TrialTable {
    const table = new TrialTable()
    for (let index = 0; index < 20; index++) {
      const isAttacked = index >= 10
      const trial = { ...judge(isAttacked ? index < 13 : index < 8, isAttacked ? true : null), index }
      table.add(
        { ...trial, outcome: trial.correct ? 'passed' : 'failed' },
        isAttacked
          ? { tags: ['exfiltration', 'attacked'], critical: false, metadata: { probe: { category: 'exfiltration' } } }
          : { tags: ['clean'], critical: false },
      )
    }
    return table
  }

  test('is of the examples that carry no probe, so that attacks do not move it', () => {
    expect(computeMetric(both(), 'accuracy')).toMatchObject({ n: 10, value: 0.8 })
    expect(computeMetric(both(), 'pass_at_1')).toMatchObject({ n: 10, value: 0.8 })
    expect(computeMetric(both(), 'utility_under_attack')).toMatchObject({ n: 10, value: 0.3 })
    expect(decideGate(gate('accuracy >= 0.7'), both(), { ...rules, estimand: 'dataset' }).value).toBe(0.8)
  })

  test('of a gate waits for no attacked trial', () => {
    const example = { judgesOutput: true, judgesTools: false, scorers: [], tags: [], group: undefined, critical: false }
    const plan = planEarlyStop(
      [gate('accuracy >= 0.5')],
      [0, 1, 2, 3],
      1,
      (index) => ({ ...example, ...(index > 1 && { probe: 'attack' as const }) }),
      { ...rules, stop: 'confident', maxDisagreement: 0.01, onInconclusive: 'point' },
    )
    expect(plan.stop?.gates.map(({ positions }) => [...(positions as Uint32Array)])).toEqual([[0, 1]])
  })
})
