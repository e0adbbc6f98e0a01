import {
  addMeasurement,
  concludeRun,
  dueAt,
  type Ending,
  endMetric,
  type MetricConclusion,
  type MetricState,
  startMetric,
} from '@agent-ci/delivery/analysis/fold'
import { type Measurement, PHASES, type Phase } from '@agent-ci/delivery/analysis/measurement'
import { type CheckRules, DEFAULT_RULES } from '@agent-ci/delivery/analysis/metric'
import { describe, expect, test } from '@jest/globals'
import fc from '../../../properties.ts'

const check = (phase: Phase, atMs = 0, brake = false): Measurement => ({
  phase,
  atMs,
  value: null,
  reason: `it was ${phase}`,
  brake,
})

const LETTERS: Readonly<Record<string, Phase>> = {
  P: 'pass',
  F: 'fail',
  I: 'inconclusive',
  E: 'error',
  N: 'noData',
  S: 'insufficient',
}

/** A metric after checks by their letters, the state going through JSON as it does in the cluster. */
function after(letters: string, rules: CheckRules): MetricState {
  let state = startMetric(0)
  for (const letter of letters) {
    state = addMeasurement(JSON.parse(JSON.stringify(state)) as MetricState, rules, check(LETTERS[letter]!))
  }
  return state
}

const rulesOf = (rules: Partial<CheckRules> = {}): CheckRules => ({ ...DEFAULT_RULES, ...rules })

describe('while checks go on', () => {
  test.each<[string, Partial<CheckRules>, string | null]>([
    ['PPPPPPPP', {}, null],
    ['F', {}, 'failed'],
    ['PPF', {}, 'failed'],
    ['F', { failureLimit: 1 }, null],
    ['FPPF', { failureLimit: 1 }, 'failed'],
    ['I', {}, 'inconclusive'],
    ['II', { inconclusiveLimit: 1 }, 'inconclusive'],
    ['IPI', { inconclusiveLimit: 2 }, null],
    ['EEEE', {}, null],
    ['EEEEE', {}, 'errored'],
    ['EEEEPEEEE', {}, null],
    ['EEEENEEEE', {}, null],
    ['E', { consecutiveErrorLimit: 0 }, 'errored'],
    // Errors, no data and too few samples use up no count.
    ['PEPNS', { count: 3 }, null],
    ['PEPNSP', { count: 3 }, 'passed'],
    ['FPP', { count: 3, failureLimit: 1 }, 'passed'],
    ['NNNNNNNN', {}, null],
    ['SSSSSSSS', {}, null],
    ['N', { onNoData: 'fail' }, 'failed'],
    ['N', { onNoData: 'fail', failureLimit: 1 }, null],
    ['NN', { onNoData: 'fail', failureLimit: 1 }, 'failed'],
    ['NNNN', { onNoData: 'pass', count: 1 }, null],
    // Only what is no data goes by the rule for it.
    ['SSE', { onNoData: 'fail' }, null],
    // What was decided stays so.
    ['FPPPPP', {}, 'failed'],
    ['PF', { count: 1 }, 'passed'],
  ])('%s with %j comes to %s', (letters, rules, verdict) => {
    expect(after(letters, rulesOf(rules)).conclusion?.verdict ?? null).toBe(verdict)
  })

  test('beyond the brake it is over, whatever the limits say', () => {
    const state = addMeasurement(startMetric(0), rulesOf({ failureLimit: 9 }), check('fail', 0, true))
    expect(state.conclusion).toMatchObject({ verdict: 'failed', cause: 'brake' })
  })

  test('it is checked after its delay, then every interval, and 10 s after an error', () => {
    const rules = rulesOf({ initialDelayMs: 60_000, intervalMs: 30_000 })
    const started = startMetric(1_000)
    expect(dueAt(rules, started)).toBe(61_000)
    expect(dueAt(rulesOf(), started)).toBe(31_000)
    expect(dueAt(rules, addMeasurement(started, rules, check('pass', 61_000)))).toBe(91_000)
    expect(dueAt(rules, addMeasurement(started, rules, check('error', 61_000)))).toBe(71_000)
    expect(dueAt(rules, addMeasurement(started, rules, check('fail', 61_000)))).toBeUndefined()
  })
})

describe('at its end', () => {
  test.each<[string, Partial<CheckRules>, Ending, Partial<MetricConclusion>]>([
    ['PPP', {}, 'deadline', { verdict: 'passed' }],
    // A tolerated failure is no failure.
    ['PFP', { failureLimit: 1 }, 'deadline', { verdict: 'passed' }],
    ['PFPF', { failureLimit: 1 }, 'terminated', { verdict: 'failed' }],
    // Argo Rollouts: stopped, or never measured, is a success. Here it never is.
    ['', {}, 'deadline', { verdict: 'inconclusive', cause: 'neverMeasured' }],
    ['', {}, 'terminated', { verdict: 'inconclusive', cause: 'terminated' }],
    ['PPP', {}, 'terminated', { verdict: 'inconclusive', cause: 'terminated' }],
    // No data, by the metric's own rule.
    ['NNN', {}, 'deadline', { verdict: 'inconclusive', cause: 'noData' }],
    ['NNN', { onNoData: 'pass' }, 'deadline', { verdict: 'passed', ignored: true }],
    ['PPN', {}, 'deadline', { verdict: 'inconclusive', cause: 'noData', ignored: false }],
    ['PPN', { onNoData: 'pass' }, 'deadline', { verdict: 'passed', ignored: false }],
    ['N', {}, 'deadline', { verdict: 'inconclusive', ignored: false }],
    ['NNP', {}, 'deadline', { verdict: 'passed', ignored: false }],
    // Too few samples hold until the deadline, then fail.
    ['SSS', {}, 'deadline', { verdict: 'failed', cause: 'insufficient' }],
    ['SSS', { onInsufficient: 'inconclusive' }, 'deadline', { verdict: 'inconclusive' }],
    ['SSS', { onInsufficient: 'pass' }, 'deadline', { verdict: 'passed', ignored: true }],
    ['SSS', {}, 'deadline', { verdict: 'failed', ignored: false }],
    ['PPS', { onInsufficient: 'pass' }, 'deadline', { verdict: 'passed', ignored: false }],
    ['PPS', {}, 'deadline', { verdict: 'failed', ignored: false }],
    // An error never counts as a pass, not even within its limit.
    ['PPE', {}, 'deadline', { verdict: 'errored' }],
    ['EE', {}, 'deadline', { verdict: 'errored' }],
  ])('%s with %j, %s: %j', (letters, rules, ending, conclusion) => {
    expect(endMetric(after(letters, rulesOf(rules)), rulesOf(rules), ending)).toMatchObject(conclusion)
  })

  test('nothing but a check that passed, or a failure within its limit, lets a metric pass', () => {
    void fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...PHASES)),
        fc.constantFrom<Ending>('deadline', 'terminated'),
        (phases, ending) => {
          let state = startMetric(0)
          for (const phase of phases) state = addMeasurement(state, DEFAULT_RULES, check(phase))
          const { verdict } = endMetric(state, DEFAULT_RULES, ending)
          const bad = phases.some((phase) => phase === 'fail' || phase === 'inconclusive')
          const passes = ending === 'deadline' && !bad && phases.at(-1) === 'pass'
          expect(verdict === 'passed').toBe(
            passes && !phases.join().includes(Array.from({ length: 5 }, () => 'error').join()),
          )
        },
      ),
    )
  })
})

describe('a whole analysis', () => {
  const result = (letters: string, rules: Partial<CheckRules> = {}) => ({
    name: letters,
    dryRun: rules.dryRun ?? false,
    conclusion: endMetric(after(letters, rulesOf(rules)), rulesOf(rules), 'deadline'),
  })

  test.each([
    ['every metric passed', [result('P'), result('PP')], 'passed', 'P'],
    ['the worst of them decides', [result('P'), result('I'), result('N')], 'inconclusive', 'I'],
    ['a failure before an error', [result('E'), result('F'), result('P')], 'failed', 'F'],
    ['an error before a pause', [result('I'), result('E')], 'errored', 'E'],
    ['a dry run never decides', [result('P'), result('F', { dryRun: true })], 'passed', 'P'],
    ['and is no evidence alone', [result('P', { dryRun: true })], 'inconclusive', undefined],
    ['what was ignored is none either', [result('N', { onNoData: 'pass' })], 'inconclusive', undefined],
    ['it does not stop another metric', [result('N', { onNoData: 'pass' }), result('P')], 'passed', 'P'],
    ['nothing was measured at all', [], 'inconclusive', undefined],
  ])('%s', (_, results, verdict, metric) => {
    expect(concludeRun(results)).toMatchObject({ verdict, metric })
  })
})
