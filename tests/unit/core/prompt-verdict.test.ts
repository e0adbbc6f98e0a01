import { type ExampleSummary, pairRuns, suspectsOf } from '@agent-ci/core/comparison'
import { decidePrompts, judgeReruns, type PromptRules } from '@agent-ci/core/prompt-verdict'
import { describe, expect, test } from '@jest/globals'

const RULES: PromptRules = { confidence: 0.95, margin: 0.03, threshold: 0.9 }
const ORIGIN = { source: 'base', code: null, finishedAt: null, differs: ['prompts'] }
const RIGHT = { passes: 3, runs: 3 }
const WRONG = { passes: 0, runs: 3 }

const summary = (i: number, runs: { passes: number; runs: number }, critical = false): ExampleSummary => ({
  id: `e${i}`,
  digest: '',
  critical,
  group: undefined,
  latencyMs: null,
  costUsd: null,
  ...runs,
})

/** `n` examples that all passed before; `after` says what the others do now. */
function pairsOf(n: number, after: (i: number) => { passes: number; runs: number }, critical: readonly number[] = []) {
  const indices = Array.from({ length: n }, (_, i) => i)
  return pairRuns(
    indices.map((i) => summary(i, RIGHT, critical.includes(i))),
    indices.map((i) => summary(i, after(i), critical.includes(i))),
  )
}

const lostFirst = (lost: number) => (i: number) => (i < lost ? WRONG : RIGHT)
const eight = (passes: number) => ({ passes, runs: 8 })

/** The decision after the suspects were run again with these passes of eight. */
function decide(matched: ReturnType<typeof pairsOf>, again: { base: number; candidate: number }, rules = RULES) {
  const suspects = suspectsOf(matched)
  const runs = suspects.map(() => ({ base: eight(again.base), candidate: eight(again.candidate) }))
  return decidePrompts(ORIGIN, matched, judgeReruns(suspects, runs, rules.confidence), rules)
}

describe('the floor', () => {
  // Seven hundredths of 100 are more than 7 in doubles: shares are compared as whole numbers.
  test.each([
    { n: 100, threshold: 0.93, lost: 7, met: true },
    { n: 100, threshold: 0.93, lost: 8, met: false },
    { n: 10, threshold: 0.9, lost: 1, met: true },
    { n: 10, threshold: 0.9, lost: 2, met: false },
    { n: 10, threshold: 1, lost: 1, met: false },
    { n: 10, threshold: 0, lost: 10, met: true },
  ])('$lost of $n lost at a threshold of $threshold: met is $met', ({ n, threshold, lost, met }) => {
    const rules = { ...RULES, threshold, margin: 1 }
    const { kept, reason } = decidePrompts(ORIGIN, pairsOf(n, lostFirst(lost)), [], rules)
    expect(kept.stillPassed).toBe(n - lost)
    expect(kept.stillPassed >= kept.needed).toBe(met)
    expect(reason.includes('asks for')).toBe(!met)
  })

  test('does not count what new runs show to be noise, and counts what they confirm', () => {
    const matched = pairsOf(10, lostFirst(3))
    expect(decide(matched, { base: 7, candidate: 7 })).toMatchObject({ kept: { stillPassed: 10 }, regressed: [] })
    expect(decide(matched, { base: 8, candidate: 0 })).toMatchObject({
      verdict: 'failed',
      kept: { stillPassed: 7, needed: 9 },
      regressed: ['e0', 'e1', 'e2'],
    })
  })

  test('asks nothing where no example passed before', () => {
    const nothing = pairRuns([summary(0, WRONG)], [summary(0, WRONG)])
    expect(decidePrompts(ORIGIN, nothing, [], RULES)).toMatchObject({
      kept: { passedBefore: 0, needed: 0 },
      verdict: 'inconclusive',
    })
  })
})

describe('the verdict', () => {
  test('of a drop that no chance explains is failed', () => {
    expect(decide(pairsOf(100, lostFirst(9)), { base: 8, candidate: 0 })).toMatchObject({
      verdict: 'failed',
      comparison: { reading: 'regression' },
    })
  })

  test('of an equal candidate is passed where the examples are enough, else inconclusive, and the point is met', () => {
    expect(
      decide(
        pairsOf(200, () => RIGHT),
        { base: 8, candidate: 8 },
      ),
    ).toMatchObject({ verdict: 'passed' })
    expect(
      decide(
        pairsOf(10, () => RIGHT),
        { base: 8, candidate: 8 },
      ),
    ).toMatchObject({
      verdict: 'inconclusive',
      pointMet: true,
    })
  })

  test('of an observed drop beyond the margin misses the point, unless new runs confirm no regression', () => {
    const matched = pairsOf(20, lostFirst(1))
    expect(decidePrompts(ORIGIN, matched, [], RULES)).toMatchObject({ verdict: 'inconclusive', pointMet: false })
    expect(decide(matched, { base: 8, candidate: 0 })).toMatchObject({ verdict: 'inconclusive', pointMet: false })
    expect(decide(matched, { base: 8, candidate: 7 })).toMatchObject({ verdict: 'inconclusive', pointMet: true })
  })

  test('of more regressed examples than max-regressions allows is failed', () => {
    const matched = pairsOf(200, lostFirst(2))
    expect(decide(matched, { base: 8, candidate: 0 }, { ...RULES, maxRegressions: 2 }).verdict).toBe('passed')
    expect(decide(matched, { base: 8, candidate: 0 }, { ...RULES, maxRegressions: 1 })).toMatchObject({
      verdict: 'failed',
      reason: '2 examples regressed, and at most 1 may',
    })
  })

  test('of a broken critical example is failed, whether or not it was run again, and not of one that was unlucky', () => {
    const matched = pairsOf(200, lostFirst(1), [0])
    expect(decide(matched, { base: 8, candidate: 0 }).verdict).toBe('failed')
    expect(decidePrompts(ORIGIN, matched, [], RULES).verdict).toBe('failed')
    expect(decide(matched, { base: 8, candidate: 8 }).verdict).toBe('passed')
  })

  test('of arms without a common measured example is errored', () => {
    const none = pairRuns([summary(0, RIGHT)], [summary(0, { passes: 0, runs: 0 })])
    expect(decidePrompts(ORIGIN, none, [], RULES)).toMatchObject({ verdict: 'errored', pointMet: false })
  })
})

describe('an example that an arm has no measured run of', () => {
  const NONE = { passes: 0, runs: 0 }
  const paired = (...runs: [base: typeof NONE, candidate: typeof NONE][]) =>
    pairRuns(
      runs.map(([base], i) => summary(i, base, true)),
      runs.map(([, candidate], i) => summary(i, candidate, true)),
    )
  test('is neither kept, lost, regressed nor improved', () => {
    const matched = paired([RIGHT, RIGHT], [RIGHT, NONE], [NONE, RIGHT], [NONE, WRONG])
    expect(decidePrompts(ORIGIN, matched, [], RULES)).toMatchObject({
      kept: { passedBefore: 1, stillPassed: 1 },
      regressed: [],
      improved: [],
      verdict: 'inconclusive',
    })
  })
  test('shows nothing when it is run again', () => {
    const suspects = suspectsOf(pairsOf(1, () => WRONG))
    expect(judgeReruns(suspects, [{ base: eight(8), candidate: NONE }], 0.95)).toEqual([])
  })
})

test('what passes now and did not before is improved, and what passes in both is not', () => {
  const before = [WRONG, RIGHT, WRONG].map((runs, i) => summary(i, runs))
  const now = [RIGHT, RIGHT, WRONG].map((runs, i) => summary(i, runs))
  expect(decidePrompts(ORIGIN, pairRuns(before, now), [], RULES).improved).toEqual(['e0'])
})

test('a critical example is broken when it always passed and never does now, and by nothing less', () => {
  const critical = (base: { passes: number; runs: number }, candidate: { passes: number; runs: number }) => {
    const others = Array.from({ length: 199 }, (_, i) => summary(i + 1, RIGHT))
    const matched = pairRuns([summary(0, base, true), ...others], [summary(0, candidate, true), ...others])
    return decidePrompts(ORIGIN, matched, [], RULES)
  }
  expect(critical(RIGHT, WRONG)).toMatchObject({
    verdict: 'failed',
    pointMet: false,
    reason: 'e0 always passed before and never passes now',
  })
  expect(critical({ passes: 2, runs: 3 }, WRONG).verdict).toBe('passed')
  expect(critical(RIGHT, { passes: 1, runs: 3 }).verdict).toBe('passed')
})

describe('the reason', () => {
  test("is the comparison's where nothing failed", () => {
    const { reason, comparison } = decidePrompts(
      ORIGIN,
      pairsOf(10, () => RIGHT),
      [],
      RULES,
    )
    expect(reason).toBe(comparison.reason)
    expect(reason).not.toBe('')
  })
  test("begins with the comparison's where it failed", () => {
    const { reason, comparison } = decidePrompts(ORIGIN, pairsOf(100, lostFirst(30)), [], RULES)
    expect(comparison.verdict).toBe('failed')
    expect(reason.startsWith(`${comparison.reason}; 70 of 100 examples`)).toBe(true)
  })
})

test('what fails misses the point, though new runs explain the drop or it is within the margin', () => {
  const matched = pairsOf(200, lostFirst(2))
  expect(decidePrompts(ORIGIN, matched, [], { ...RULES, maxRegressions: 1 })).toMatchObject({
    verdict: 'failed',
    pointMet: false,
  })
})

test('a drop of just the margin meets the point', () => {
  const rules = { ...RULES, margin: 0.1, threshold: 0 }
  expect(decidePrompts(ORIGIN, pairsOf(10, lostFirst(1)), [], rules).pointMet).toBe(true)
})

test('a suspect that an arm could not be measured on again stands as it was seen', () => {
  const suspects = suspectsOf(pairsOf(3, lostFirst(3)))
  const runs = [
    { base: eight(8), candidate: eight(0) },
    { base: { passes: 0, runs: 0 }, candidate: eight(8) },
    { base: eight(8), candidate: eight(8) },
  ]
  const found = judgeReruns(suspects, runs, 0.95)
  expect(found.map(({ candidate, finding }) => [candidate.id, finding])).toEqual([
    ['e0', 'confirmed'],
    ['e2', 'flaky'],
  ])
  expect(decidePrompts(ORIGIN, pairsOf(3, lostFirst(3)), found, RULES).regressed).toEqual(['e0', 'e1'])
})
