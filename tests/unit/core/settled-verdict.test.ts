import { type Conclusion, conclude } from '@agent-ci/core/conclusion'
import { type ExpectedExample, planEarlyStop, type StopRules } from '@agent-ci/core/early-stop'
import { type Gate, parseGate } from '@agent-ci/core/gate'
import { computeMetric } from '@agent-ci/core/metric'
import type { Trial } from '@agent-ci/core/trial'
import { TrialTable } from '@agent-ci/core/trial-table'
import { untrusted } from '@agent-ci/core/untrusted'
import { exitStatus, ON_INCONCLUSIVE } from '@agent-ci/core/verdict'
import { describe, expect, test } from '@jest/globals'
import fc from '../../properties.ts'

/** What becomes of a trial. `lost`: to the infrastructure; `unjudged`: its tool calls are not known. */
type Fate = 'right' | 'wrong' | 'slow' | 'wrong tools' | 'unjudged' | 'lost'

interface Case {
  readonly examples: readonly ExpectedExample[]
  readonly repeats: number
  /** By dispatch position. */
  readonly fates: readonly Fate[]
  /** The order in which the trials end. */
  readonly arrival: readonly number[]
  readonly gates: readonly Gate[]
  readonly rules: StopRules
}

const gate = (text: string) => parseGate(text, { name: 'gates' })

const trialOf = (index: number, repeat: number, { judgesTools }: ExpectedExample, fate: Fate): Trial => {
  const lost = fate === 'lost'
  const failure = { of: 'infrastructure', kind: 'timeout', message: untrusted('late'), retryable: true } as const
  return {
    exampleId: `e${index}`,
    index,
    repeat,
    outcome: lost ? 'errored' : fate === 'wrong' ? 'failed' : 'passed',
    correct: lost ? null : fate !== 'wrong',
    toolCorrect: lost || fate === 'unjudged' || !judgesTools ? null : fate !== 'wrong tools',
    ...(judgesTools && fate === 'unjudged' && { toolUnjudged: true }),
    reply: {
      output: untrusted(''),
      toolCalls: null,
      usage: {},
      latencyMs: fate === 'slow' ? 9000 + index : 100 + index,
      attempts: 1,
      ...(lost && { failure }),
    },
    scores: [],
    startedAt: '',
  }
}

function concludeCase(
  { examples, repeats, gates, rules }: Case,
  trials: readonly Trial[],
  stop?: { readonly earlyStop: NonNullable<ReturnType<typeof planEarlyStop>['stop']>; readonly started: number },
): Conclusion & { readonly exit: 0 | 1; readonly covers: boolean } {
  const table = new TrialTable()
  for (const trial of trials) {
    const { tags, critical, group } = examples[trial.index]!
    table.add(trial, { tags, critical, ...(group !== undefined && { group }) })
  }
  const planned = examples.length * repeats
  const conclusion = conclude(
    table,
    gates,
    {
      ...rules,
      dataset: { name: 'd', files: [], digest: 'sha256:0', size: examples.length },
      agent: 'x',
      model: null,
      repeats,
      seed: '1',
      fingerprint: { code: null, prompts: null, config: null, model: null, tools: null, dataset: '', scorers: '' },
      planned,
      config: null,
      end: { ending: stop ? 'decided' : 'complete', reason: '', started: stop?.started ?? planned },
      ...(stop && { earlyStop: stop.earlyStop }),
      errors: new Map(),
      startedAt: '',
      finishedAt: '',
    },
    [],
  )
  const covers = gates.every((gate) => {
    const counted = trials.filter(({ index }) => counts(gate, examples[index]!))
    return computeMetric(table, gate.metric, gate.selector).n >= rules.minCoverage * counted.length - 1e-9
  })
  return {
    ...conclusion,
    covers,
    exit: exitStatus(conclusion.results.verdict, rules.onInconclusive, conclusion.pointMet),
  }
}

const counts = ({ metric, selector: { tag, critical } }: Gate, example: ExpectedExample): boolean =>
  (tag === undefined || example.tags.includes(tag)) &&
  (!critical || example.critical) &&
  (metric !== 'tool_accuracy' || example.judgesTools)

/** Runs a case until its stop; null where it runs to its end. */
function stopped(given: Case) {
  const { examples, repeats, fates, arrival, gates, rules } = given
  const order = examples.map((_, i) => i)
  const { stop: earlyStop } = planEarlyStop(gates, order, repeats, (i) => examples[i]!, rules)
  if (!earlyStop) return null
  const trial = (position: number, fate: Fate) => {
    const index = Math.floor(position / repeats)
    return trialOf(index, position % repeats, examples[index]!, fate)
  }
  const made: Trial[] = []
  for (const [taken, position] of arrival.entries()) {
    const next = trial(position, fates[position]!)
    made.push(next)
    earlyStop.record(position, next)
    if (!earlyStop.decided || taken + 1 === arrival.length) continue
    const left = arrival.slice(taken + 1)
    return {
      conclusion: concludeCase(given, made, { earlyStop, started: taken + 1 }),
      goOn: (fateOf: (position: number) => Fate) =>
        concludeCase(given, [...made, ...left.map((at) => trial(at, fateOf(at)))]),
    }
  }
  return null
}

/** Ways in which the trials left out might have gone. */
const CONTINUATIONS: readonly ((position: number, own: Fate) => Fate)[] = [
  (_, own) => own,
  () => 'right',
  () => 'wrong',
  () => 'slow',
  () => 'wrong tools',
  () => 'lost',
  (position) => (position % 2 ? 'right' : 'wrong'),
  (position) => (position % 3 ? 'right' : 'lost'),
  (position) => (position % 3 ? 'wrong' : 'lost'),
  (position) => (position % 4 ? 'right' : 'unjudged'),
]

const threshold = fc.oneof(
  fc.integer({ min: 1, max: 99 }).map((percent) => percent / 100),
  fc.constantFrom(0, 1, 1 / 3, 0.999),
)
const rule = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('accuracy', 'tool_accuracy'),
      fc.constantFrom('', '', '[tag=a]', '[critical]'),
      fc.constantFrom('>=', '>=', '>', '<=', '<'),
      threshold,
    )
    .map(([metric, selector, comparator, share]) => `${metric}${selector} ${comparator} ${share}`),
  fc.constantFrom('latency_p50_ms <= 1s', 'latency_p95_ms <= 5s', 'latency_p95_ms < 130ms', 'latency_p99_ms <= 8999ms'),
)

const cases = (most: { readonly repeats: number; readonly grouped: boolean }): fc.Arbitrary<Case> =>
  fc
    .record({
      size: fc.integer({ min: 1, max: 70 }),
      repeats: fc.integer({ min: 1, max: most.repeats }),
      groups: most.grouped ? fc.constantFrom(0, 3, 10) : fc.constant(0),
      kind: fc.constantFrom<Fate>('right', 'right', 'wrong', 'slow', 'wrong tools'),
      purity: fc.constantFrom(30, 70, 90, 97, 100),
      losses: fc.constantFrom(0, 0, 5, 30),
      rules: fc.record({
        onInconclusive: fc.constantFrom(...ON_INCONCLUSIVE),
        confidence: fc.constantFrom(0.8, 0.9, 0.95, 0.99),
        minCoverage: fc.constantFrom(0.5, 0.8, 1),
        estimand: fc.constantFrom('population' as const, 'dataset' as const),
      }),
      rules_: fc.array(rule, { minLength: 1, maxLength: 3 }),
    })
    .chain(({ size, repeats, groups, kind, purity, losses, rules, rules_ }) => {
      const total = size * repeats
      const percent = fc.integer({ min: 0, max: 99 })
      const fate = fc
        .tuple(percent, percent, fc.constantFrom<Fate>('right', 'wrong', 'slow', 'wrong tools', 'unjudged'))
        .map(([lot, loss, other]): Fate => (loss < losses ? 'lost' : lot < purity ? kind : other))
      return fc.record({
        examples: fc.array(
          fc.record({
            judgesOutput: fc.constant(true),
            judgesTools: fc.constantFrom(true, true, false),
            scorers: fc.constant([]),
            tags: fc.constantFrom(['a'], ['a', 'b'], []),
            critical: fc.boolean(),
            group: groups === 0 ? fc.constant(undefined) : fc.nat({ max: groups }).map((at) => `g${at}`),
          }),
          { minLength: size, maxLength: size },
        ),
        repeats: fc.constant(repeats),
        fates: fc.array(fate, { minLength: total, maxLength: total }),
        arrival: fc.oneof(
          fc.constant(Array.from({ length: total }, (_, i) => i)),
          fc.shuffledSubarray(
            Array.from({ length: total }, (_, i) => i),
            { minLength: total },
          ),
        ),
        gates: fc.constant(rules_.map(gate)),
        rules: fc.constant({ ...rules, stop: 'certain' as const, maxDisagreement: 0 }),
      })
    })

/** Checks every continuation of a stopped case; how many of them had enough coverage to be compared. */
function holds(given: Case): number {
  const stop = stopped(given)
  if (!stop) return 0
  const { results, exit } = stop.conclusion
  expect(['passed', 'failed']).toContain(results.verdict)
  let compared = 0
  for (const fateOf of CONTINUATIONS) {
    const full = stop.goOn((position) => fateOf(position, given.fates[position]!))
    // Too many trials lost after the stop: that is no word about the agent.
    if (full.results.verdict === 'errored' || !full.covers) continue
    compared++
    expect([full.results.verdict, full.exit]).toEqual([results.verdict, exit])
    for (const [i, { verdict, possible }] of results.gates.entries()) {
      const { verdict: word, value } = full.results.gates[i]!
      expect(word).toBe(verdict)
      const [low, high] = possible!
      expect(value).toBeGreaterThanOrEqual(low - 1e-12)
      expect(value).toBeLessThanOrEqual((high ?? Infinity) + 1e-12)
    }
  }
  return compared
}

describe('the word of a verdict, and the exit status, after a certain stop are those of the full run', () => {
  test.each([
    ['of single trials', { repeats: 1, grouped: false }],
    ['of repeats and groups', { repeats: 3, grouped: true }],
  ])('%s, whatever the trials left out had brought', (_, most) => {
    let compared = 0
    fc.assert(
      fc.property(cases(most), (given) => {
        compared += holds(given)
      }),
      { numRuns: 40 },
    )
    expect(compared).toBeGreaterThan(10)
  })
})
