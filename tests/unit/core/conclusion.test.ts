import type { Comparison } from '@agent-ci/core/comparison'
import { conclude, type RunFacts } from '@agent-ci/core/conclusion'
import { parseGate } from '@agent-ci/core/gate'
import type { Reply } from '@agent-ci/core/reply'
import type { Trial, TrialOutcome } from '@agent-ci/core/trial'
import { TrialTable } from '@agent-ci/core/trial-table'
import { untrusted } from '@agent-ci/core/untrusted'
import { describe, expect, test } from '@jest/globals'

const reply: Reply = { output: untrusted('x'), toolCalls: [], usage: {}, latencyMs: 100, attempts: 1 }

const trial = (index: number, outcome: TrialOutcome, more: Partial<Trial> = {}): Trial => ({
  exampleId: `e${index}`,
  index,
  repeat: 0,
  outcome,
  correct: outcome === 'errored' ? null : outcome === 'passed',
  toolCorrect: null,
  reply:
    outcome === 'errored'
      ? { ...reply, failure: { of: 'infrastructure', kind: 'timeout', message: untrusted('slow'), retryable: false } }
      : reply,
  scores: [],
  startedAt: '2026-01-01T00:00:00.000Z',
  ...more,
})

const facts = (planned: number, more: Partial<RunFacts> = {}): RunFacts => ({
  dataset: { name: 'golden', files: ['golden.jsonl'], digest: 'sha256:0', size: planned },
  agent: 'command node agent.mjs',
  config: null,
  model: null,
  repeats: 1,
  seed: '1',
  fingerprint: {
    code: null,
    prompts: null,
    config: null,
    model: null,
    tools: null,
    dataset: 'sha256:0',
    scorers: 'sha256:1',
  },
  planned,
  minCoverage: 0.8,
  confidence: 0.95,
  estimand: 'population',
  end: { ending: 'complete', reason: '', started: planned },
  errors: new Map(),
  startedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: '2026-01-01T00:00:01.000Z',
  ...more,
})

function tableOf(trials: readonly Trial[], tagsOf: (index: number) => string[] = () => []): TrialTable {
  const table = new TrialTable()
  for (const one of trials) table.add(one, { tags: tagsOf(one.index), critical: false })
  return table
}

const gates = (...texts: string[]) => texts.map((text) => parseGate(text, { name: 'gates' }))
const run = (passed: number, failed: number, errored = 0) => [
  ...Array.from({ length: passed }, (_, i) => trial(i, 'passed')),
  ...Array.from({ length: failed }, (_, i) => trial(passed + i, 'failed')),
  ...Array.from({ length: errored }, (_, i) => trial(passed + failed + i, 'errored')),
]
const verdictOf = (trials: readonly Trial[], rule: string, more: Partial<RunFacts> = {}) =>
  conclude(tableOf(trials), gates(rule), facts(trials.length, more), []).results

describe('the verdict', () => {
  test('errored trials are neither right nor wrong', () => {
    const results = verdictOf(run(98, 1, 1), 'accuracy >= 0.9')
    expect(results).toMatchObject({
      verdict: 'passed',
      accuracy: 98 / 99,
      total_examples: 99,
      passed_examples: 98,
      counts: { planned: 100, measured: 99, errored: 1 },
    })
  })
  test('nothing measured is errored', () => {
    expect(verdictOf(run(0, 0, 5), 'accuracy >= 0')).toMatchObject({
      verdict: 'errored',
      accuracy: null,
      reason: 'Nothing was measured',
    })
    expect(verdictOf([], 'accuracy >= 0')).toMatchObject({ verdict: 'errored' })
  })
  test('coverage below its floor is errored', () => {
    expect(verdictOf(run(15, 0, 5), 'accuracy >= 0.5')).toMatchObject({ verdict: 'errored', coverage: 0.75 })
    expect(verdictOf(run(16, 0, 4), 'accuracy >= 0.5')).toMatchObject({ verdict: 'passed', coverage: 0.8 })
  })
  test('a run that was cut off is errored, whatever its trials say', () => {
    expect(
      verdictOf(run(20, 0), 'accuracy >= 0.5', {
        end: { ending: 'interrupted', reason: 'The run was interrupted', started: 20 },
      }),
    ).toMatchObject({ verdict: 'errored', reason: 'The run was interrupted' })
  })
  test('a used-up budget asks only for what was asked until then, and is named beside the gates', () => {
    const end = { ending: 'budget', reason: 'The budget of $1 is used up.', started: 60 } as const
    const cut = (errors: ReadonlyMap<string, number>) => verdictOf(run(40, 0, 60), 'accuracy >= 0.5', { end, errors })
    expect(cut(new Map([['budget', 60]]))).toMatchObject({
      verdict: 'passed',
      coverage: 1,
      reason: expect.stringMatching(/[^.]; The budget of \$1 is used up$/),
    })
    expect(
      cut(
        new Map([
          ['budget', 50],
          ['timeout', 10],
        ]),
      ),
    ).toMatchObject({ verdict: 'passed', coverage: 0.8 })
    expect(
      cut(
        new Map([
          ['budget', 49],
          ['timeout', 11],
        ]),
      ),
    ).toMatchObject({
      verdict: 'errored',
      reason: 'Only 40 of 51 planned trials could be measured; at least 41 are needed',
    })
    expect(verdictOf(run(0, 0, 5), 'accuracy >= 0.5', { end, errors: new Map([['budget', 5]]) })).toMatchObject({
      verdict: 'errored',
      coverage: 0,
      reason: 'The budget of $1 is used up.',
    })
  })
  test('a comparison that failed fails the run, and no other does', () => {
    const compared = (verdict: Comparison['verdict']) =>
      verdictOf(run(100, 0), 'accuracy >= 0.5', {
        comparison: { verdict, reason: 'It is worse than before.' } as Comparison,
      })
    expect(compared('failed')).toMatchObject({ verdict: 'failed', reason: 'It is worse than before' })
    for (const verdict of ['passed', 'inconclusive', 'errored'] as const)
      expect(compared(verdict)).toMatchObject({ verdict: 'passed', gates: [{ verdict: 'passed' }] })
  })
  test('a gate on the time of replayed answers is set aside, and the others decide', () => {
    const replayed = Array.from({ length: 30 }, (_, i) => trial(i, 'passed', { reply: { ...reply, replayed: true } }))
    const rules = gates('accuracy >= 0.5', 'latency_p95_ms <= 1')
    const { results, pointMet } = conclude(tableOf(replayed), rules, facts(30), [])
    expect(results).toMatchObject({ verdict: 'passed', gates: [{ verdict: 'passed' }, { set_aside: true }] })
    expect(results.gates[0]).not.toHaveProperty('set_aside')
    expect(results.reason).toBe(results.gates[0]!.reason.replace(/\.$/, ''))
    expect(pointMet).toBe(true)
  })
  test('the tool calls that nobody could judge may be as many as the coverage leaves', () => {
    const trials = (unjudged: number) =>
      Array.from({ length: 100 }, (_, i) =>
        trial(i, 'passed', i < unjudged ? { toolUnjudged: true } : { toolCorrect: true }),
      )
    expect(verdictOf(trials(20), 'tool_accuracy >= 0.5')).toMatchObject({ verdict: 'passed', tool_accuracy: 1 })
    expect(verdictOf(trials(21), 'tool_accuracy >= 0.5')).toMatchObject({
      verdict: 'errored',
      reason: 'tool_accuracy rests on 79 of 100 trials; the others could not be judged',
    })
    expect(verdictOf(trials(100), 'tool_accuracy >= 0.5')).toMatchObject({
      reason: 'tool_accuracy is unknown: 100 trials ran but none could be judged',
    })
  })
  test('without a gate a measured run has nothing to decide it', () => {
    expect(conclude(tableOf(run(3, 1)), [], facts(4), [])).toMatchObject({
      pointMet: true,
      results: { verdict: 'errored', reason: 'There is no gate', detectable_drop: null },
    })
  })
  test('a gate on what nobody measured is errored', () => {
    expect(verdictOf(run(20, 0), 'cost_usd <= 1')).toMatchObject({
      verdict: 'errored',
      cost_usd: null,
      gates: [{ value: null, verdict: 'errored' }],
    })
    expect(verdictOf(run(20, 0), 'tool_accuracy >= 0.9')).toMatchObject({ verdict: 'errored', tool_accuracy: null })
  })
  test('tool calls that nobody could judge count only for the gates that select them', () => {
    const judged = (index: number) => trial(index, 'passed', { toolCorrect: true })
    const trials = [
      ...Array.from({ length: 40 }, (_, i) => judged(i)),
      ...Array.from({ length: 40 }, (_, i) => trial(40 + i, 'passed', { toolUnjudged: true })),
    ]
    const table = tableOf(trials, (index) => [index < 40 ? 'seen' : 'unseen'])
    const { gates: decided } = conclude(
      table,
      gates('tool_accuracy[tag=seen] >= 0.5', 'tool_accuracy[tag=unseen] >= 0.5', 'tool_accuracy >= 0.5'),
      facts(80),
      [],
    ).results
    expect(decided.map(({ verdict }) => verdict)).toEqual(['passed', 'errored', 'errored'])
  })
  test('the worst gate decides', () => {
    const { results, pointMet } = conclude(
      tableOf(run(99, 1)),
      gates('accuracy >= 0.9', 'latency_p95_ms <= 50'),
      facts(100),
      [],
    )
    expect(results.verdict).toBe('failed')
    expect(results.gates.map((gate) => gate.verdict)).toEqual(['passed', 'failed'])
    expect(results.reason).toBe(
      'latency_p95_ms: Observed p95 100 ms; the true one is at least 100 ms (95 % sure), above 50 ms',
    )
    expect(pointMet).toBe(false)
  })
  test('between the two, what was observed meets the rule or not, and the verdict says that it is not sure', () => {
    const met = conclude(tableOf(run(9, 1)), gates('accuracy >= 0.85'), facts(10), [])
    expect(met).toMatchObject({ pointMet: true, results: { verdict: 'inconclusive', gates: [{ value: 0.9 }] } })
    const [low, high] = met.results.gates[0]!.interval!
    expect(low!).toBeLessThan(0.85)
    expect(high!).toBeGreaterThan(0.9)
    const missed = conclude(tableOf(run(8, 2)), gates('accuracy >= 0.85'), facts(10), [])
    expect(missed).toMatchObject({ pointMet: false, results: { verdict: 'inconclusive' } })
  })
  test('"every one of these examples" and totals are facts: no interval, no doubt', () => {
    expect(verdictOf(run(8, 0), 'accuracy >= 1')).toMatchObject({ verdict: 'passed', gates: [{ interval: null }] })
    expect(verdictOf(run(7, 1), 'accuracy >= 1')).toMatchObject({ verdict: 'failed', gates: [{ interval: null }] })
  })
})

describe('the failing trials that are shown', () => {
  const example = { id: 'e0', input: 'x' } as Parameters<typeof conclude>[3][number]['example']
  const shown = (trials: readonly Trial[]) =>
    conclude(
      tableOf(trials),
      gates('accuracy >= 0.5'),
      facts(trials.length),
      trials.map((one) => ({ trial: one, example })),
    ).results.failed_examples
  test('are the first ten', () => {
    expect(shown(run(0, 12)).map(({ id }) => id)).toEqual(Array.from({ length: 10 }, (_, i) => `e${i}`))
  })
  test('hold 500 characters of the answer, or of what went wrong', () => {
    const long = untrusted('a'.repeat(501))
    const wrong = trial(0, 'failed', { reply: { ...reply, output: long } })
    const lost = trial(1, 'errored')
    const failure = { ...lost.reply.failure!, message: long }
    expect(shown([wrong, { ...lost, reply: { ...lost.reply, failure } }])).toEqual([
      { id: 'e0', correct: false, tool_correct: null, latency_ms: 100, response: 'a'.repeat(500) },
      { id: 'e1', correct: false, tool_correct: null, latency_ms: 100, error: 'a'.repeat(500) },
    ])
  })
  test('of a batch have no latency, and an unsafe one says so', () => {
    const batched = trial(0, 'failed', { safe: false, reply: { ...reply, batched: true } })
    expect(shown([batched])).toMatchObject([{ latency_ms: null, safe: false }])
    expect(shown([trial(0, 'failed', { safe: true })])[0]).not.toHaveProperty('safe')
  })
})

describe('what the replayed answers took and cost when they were recorded', () => {
  const replayed = (index: number, latencyMs: number, costUsd?: number) =>
    trial(index, 'passed', {
      reply: { ...reply, replayed: true, latencyMs, usage: costUsd === undefined ? {} : { costUsd } },
    })
  const recorded = (...trials: Trial[]) =>
    conclude(tableOf(trials), gates('accuracy >= 0.5'), facts(trials.length), []).results.recorded
  test('is a p95 and a sum, the cost unknown as soon as one is', () => {
    const live = trial(2, 'passed', { reply: { ...reply, latencyMs: 900, usage: { costUsd: 7 } } })
    expect(recorded(replayed(0, 300, 0.5), replayed(1, 50, 0.25), live)).toEqual({ latency_p95: 300, cost_usd: 0.75 })
    expect(recorded(replayed(0, 300, 0.5), replayed(1, 50))).toMatchObject({ cost_usd: null })
  })
  test('is nothing where every answer is live', () => {
    expect(recorded(trial(0, 'passed'))).toBeNull()
  })
})

describe('metrics', () => {
  test('latency percentiles are observed values at rank ceil(p·n); errors have none', () => {
    const trials = [
      ...Array.from({ length: 19 }, (_, i) => trial(i, 'passed', { reply: { ...reply, latencyMs: (i + 1) * 10 } })),
      trial(19, 'errored'),
    ]
    const { results } = conclude(tableOf(trials), gates('accuracy >= 0'), facts(20), [])
    expect(results.metrics).toMatchObject({
      latency_p50_ms: { value: 100, n: 19 },
      latency_p95_ms: { value: 190 },
      latency_p99_ms: { value: 190 },
      latency_mean_ms: { value: 100 },
    })
  })
  test('a total is unknown as soon as one part is; a mean is over what is known', () => {
    const cost = (index: number, costUsd?: number) =>
      trial(index, 'passed', { reply: { ...reply, usage: costUsd === undefined ? {} : { costUsd } } })
    expect(
      conclude(tableOf([cost(0, 0.5), cost(1, 0.25)]), gates('accuracy >= 0'), facts(2), []).results.cost_usd,
    ).toBe(0.75)
    const partly = conclude(tableOf([cost(0, 0.5), cost(1)]), gates('accuracy >= 0'), facts(2), []).results
    expect(partly.cost_usd).toBeNull()
    expect(partly.metrics.cost_mean_usd).toMatchObject({ value: 0.5, n: 1 })
  })
  test('a selector takes the examples with the tag', () => {
    const table = tableOf(run(9, 3), (index) => [index % 2 === 0 ? 'even' : 'odd'])
    const { results } = conclude(table, gates('accuracy[tag=odd] >= 0.9'), facts(12), [])
    expect(results.gates[0]).toMatchObject({ metric: 'accuracy', rule: 'accuracy[tag=odd] >= 0.9', value: 4 / 6 })
    expect(results.tags).toEqual({
      even: { examples: 6, accuracy: 5 / 6, tool_accuracy: null },
      odd: { examples: 6, accuracy: 4 / 6, tool_accuracy: null },
    })
  })
  test('replayed answers have no latency to measure', () => {
    const { results } = conclude(
      tableOf([trial(0, 'passed', { reply: { ...reply, replayed: true } })]),
      gates('latency_p95_ms <= 1s'),
      facts(1),
      [],
    )
    expect(results).toMatchObject({ latency_p95: null, verdict: 'errored', counts: { measured: 1, replayed: 1 } })
  })
  test('with repeats an example passed when most of its trials did', () => {
    const trials = [0, 1, 2].flatMap((repeat) => [
      trial(0, repeat === 0 ? 'failed' : 'passed', { repeat }),
      trial(1, repeat === 0 ? 'passed' : 'failed', { repeat }),
    ])
    const { results } = conclude(tableOf(trials), gates('accuracy >= 0.5'), facts(6, { repeats: 3 }), [])
    expect(results).toMatchObject({ accuracy: 0.5, total_examples: 2, passed_examples: 1 })
  })
})

describe('repeats', () => {
  const trials = (passes: readonly number[], k: number) =>
    passes.flatMap((count, index) =>
      Array.from({ length: k }, (_, repeat) => trial(index, repeat < count ? 'passed' : 'failed', { repeat })),
    )
  test('pass@k and pass^k are the unbiased means over the examples', () => {
    const { results } = conclude(
      tableOf(trials([4, 2, 0, 4], 4)),
      gates('accuracy >= 0.5', 'pass_at_2 >= 0.5', 'pass_all_2 >= 0.1'),
      facts(16, { repeats: 4 }),
      [],
    )
    // C(2,2)/C(4,2) = 1/6 for the example that passed twice.
    expect(results.metrics.pass_at_4).toMatchObject({ value: 0.75, n: 4 })
    expect(results.metrics.pass_all_4).toMatchObject({ value: 0.5, n: 4 })
    expect(results.gates[1]!.value).toBeCloseTo((1 + 5 / 6 + 0 + 1) / 4, 12)
    expect(results.gates[2]!.value).toBeCloseTo((1 + 1 / 6 + 0 + 1) / 4, 12)
  })
  test('a k above the repeats is not known', () => {
    expect(
      conclude(tableOf(trials([1, 2], 2)), gates('pass_at_3 >= 0.5'), facts(4, { repeats: 2 }), []).results,
    ).toMatchObject({ verdict: 'errored', gates: [{ value: null }] })
  })
})
