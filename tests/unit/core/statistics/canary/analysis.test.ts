import { CanaryAnalysis, type CanaryCheck } from '@agent-ci/core/statistics/canary/analysis'
import type { CanaryJudgement } from '@agent-ci/core/statistics/canary/judgement'
import { GUIDE_LIMITS } from '@agent-ci/core/statistics/canary/limits'
import { type CanaryPlan, DEFAULT_PLAN } from '@agent-ci/core/statistics/canary/plan'
import { NOTHING, type Tally } from '@agent-ci/core/statistics/canary/tally'
import { describe, expect, test } from '@jest/globals'

const tally = (requests: number, errors = 0, durations: readonly number[] = []): Tally => ({
  requests,
  errors,
  durations,
})
const check = (canary: Tally | null, stable: Tally | null, seconds = 10): CanaryCheck => ({ seconds, canary, stable })
const start = (plan: Partial<CanaryPlan> = {}, before = NOTHING) =>
  new CanaryAnalysis({ ...DEFAULT_PLAN, ...plan }, { before })

/** The judgements of so many checks alike, up to the first that takes the canary back. */
function watch(analysis: CanaryAnalysis, checks: readonly CanaryCheck[]): CanaryJudgement[] {
  const judgements: CanaryJudgement[] = []
  for (const one of checks) {
    judgements.push(analysis.observe(one))
    if (judgements.at(-1)!.judgement === 'rollBack') break
  }
  return judgements
}
const times = <T>(n: number, of: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => of(i))

const HALF_MINUTE_BOUNDS = [0.5, 1, 2.5, 5, 10, 30]
const fast = [200, 500, 250, 45, 5, 0, 0]
const slow = [60, 340, 400, 170, 28, 2, 0]
const per = (counts: readonly number[], n: number) => counts.map((count) => Math.round((count * n) / 1000))

describe('a canary as good as the stable arm', () => {
  const good = times(31, (i) => check(tally(10, i % 10 === 0 ? 1 : 0), tally(90, 1)))
  test('is held until the step has been watched long enough, and then goes a step up', () => {
    const judgements = watch(start(), good)
    expect(judgements[0]).toMatchObject({
      judgement: 'hold',
      reason: { kind: 'tooSoon', seconds: 10, minSeconds: 300 },
    })
    expect(judgements.slice(0, 29).every(({ judgement }) => judgement === 'hold')).toBe(true)
    expect(judgements[29]).toMatchObject({
      judgement: 'advance',
      reason: { kind: 'shown', threshold: 20 },
      whole: { canary: { requests: 300, errors: 3 }, stable: { requests: 2700, errors: 30 } },
      stepSeconds: 300,
    })
  })
  test('has to show it again at the next step, on that step only', () => {
    const analysis = start()
    watch(analysis, good)
    analysis.nextStep()
    const next = analysis.observe(check(tally(25), tally(75, 1)))
    expect(next).toMatchObject({
      judgement: 'hold',
      reason: { kind: 'tooSoon', seconds: 10 },
      step: { canary: { requests: 25 } },
      whole: { canary: { requests: 335 } },
    })
  })
  test('is held, however long, while too few requests came to show it, and says how many are missing', () => {
    const judgements = watch(
      start(),
      times(60, () => check(tally(1), tally(9))),
    )
    expect(judgements.at(-1)).toMatchObject({ judgement: 'hold', reason: { kind: 'notShown', cleanRequests: 17 } })
  })
})

describe('a step that is shorter than a comparison needs', () => {
  test('does not let a canary pass that every check shows to be slower', () => {
    const plan = { durationBounds: HALF_MINUTE_BOUNDS, minSeconds: 10 }
    const analysis = start(plan, { ...tally(1_000), durations: fast })
    const checks = times(6, () => check(tally(100, 0, [0, 0, 0, 0, 100, 0, 0]), tally(100, 0, per(fast, 100))))
    const judgements = watch(analysis, checks)
    expect(judgements.map(({ reason }) => reason.kind)).toEqual(['tooFewChecks', 'tooFewChecks', 'suspect', 'latency'])
  })
})

describe('where a comparison is required', () => {
  const required = () => start({ requireRelative: 3 })
  test('limits alone do not move a canary up while nobody has failed, on either side', () => {
    const judgements = watch(
      required(),
      times(60, () => check(tally(10), tally(90))),
    )
    expect(judgements.at(-1)).toMatchObject({
      judgement: 'hold',
      reason: { kind: 'uncompared', ratio: 3, evidence: 1, threshold: 20 },
    })
  })
  test('nor while stable has had no request to compare with', () => {
    const judgements = watch(
      required(),
      times(60, (i) => check(tally(10, i % 10 === 0 ? 1 : 0), tally(0))),
    )
    expect(judgements.at(-1)).toMatchObject({ judgement: 'hold', reason: { kind: 'uncompared' } })
  })
  test('it moves up as soon as the comparison shows it, also by a run that goes on after another', () => {
    const good = (i: number) => check(tally(10, i % 10 === 0 ? 1 : 0), tally(90, 1))
    const first = required()
    const before = watch(first, times(32, good))
    expect(before.at(-1)).toMatchObject({ judgement: 'hold', reason: { kind: 'uncompared' } })
    const state = JSON.parse(JSON.stringify(first.state)) as typeof first.state
    const second = new CanaryAnalysis({ ...DEFAULT_PLAN, requireRelative: 3 }, { state })
    const after = watch(
      second,
      times(60, (i) => good(i + 32)),
    )
    const moved = after.findIndex(({ judgement }) => judgement === 'advance')
    expect(moved).toBeGreaterThan(0)
    expect(moved).toBeLessThan(40)
    // What was shown of the release counts at the next step too.
    second.nextStep()
    const next = watch(
      second,
      times(40, () => check(tally(25, 0), tally(75, 1))),
    )
    expect(next.at(-1)).toMatchObject({ judgement: 'advance' })
  })
})

describe('checks at which one side had no request', () => {
  const plan = { durationBounds: HALF_MINUTE_BOUNDS, minSeconds: 10 }
  const good = (n: number) => tally(n, 0, per(fast, n))
  const none = tally(0, 0, [0, 0, 0, 0, 0, 0, 0])
  test('are none of the three that a comparison needs', () => {
    const analysis = start(plan, { ...tally(1_000), durations: fast })
    const quiet = times(3, () => check(none, good(100)))
    const both = times(3, () => check(good(100), good(100)))
    const kinds = watch(analysis, [...quiet, ...both]).map(({ reason }) => reason.kind)
    expect(kinds.slice(0, 5)).toEqual(['noTraffic', 'noTraffic', 'noTraffic', 'tooFewChecks', 'tooFewChecks'])
    expect(kinds[5]).not.toBe('tooFewChecks')
  })
  test('hold nothing up where all traffic is the canary’s', () => {
    const judgements = watch(
      start(plan),
      times(3, () => check(good(100), none)),
    )
    expect(judgements.map(({ judgement }) => judgement)).toEqual(['advance', 'advance', 'advance'])
  })
})

describe('a canary that fails more often', () => {
  test('is taken back with the numbers behind it', () => {
    const judgements = watch(
      start(),
      times(30, (i) => check(tally(10, i % 2), tally(90, 1))),
    )
    const last = judgements.at(-1)!
    expect(last).toMatchObject({ judgement: 'rollBack', reason: { kind: 'errors' } })
    expect(last.whole.canary.errors).toBeGreaterThanOrEqual(3)
    expect(judgements.length).toBeLessThan(25)
  })
  test('is found sooner when the stable arm is known from before', () => {
    const bad = times(60, (i) => check(tally(10, i % 2), tally(90, 1)))
    const alone = watch(start(), bad).length
    const known = watch(start({}, tally(18_000, 180)), bad).length
    expect(known).toBeLessThanOrEqual(alone)
  })
  test('is found late in a long rollout as well, with no early test left', () => {
    const analysis = start()
    watch(
      analysis,
      times(90, () => check(tally(10, 0), tally(90, 1))),
    )
    const judgements = watch(
      analysis,
      times(60, () => check(tally(10, 1), tally(90, 1))),
    )
    expect(judgements.at(-1)).toMatchObject({ judgement: 'rollBack', reason: { kind: 'errors', early: false } })
  })
  test('is found whatever the weights are meanwhile', () => {
    const weights = [0.1, 0.25, 0.5, 0.75]
    const judgements = watch(
      start(),
      times(40, (i) => {
        const n = 200 * weights[i % 4]!
        return check(tally(n, Math.round(n * 0.04)), tally(200 - n, Math.round((200 - n) * 0.01)))
      }),
    )
    expect(judgements.at(-1)).toMatchObject({ judgement: 'rollBack', reason: { kind: 'errors' } })
  })
  test('is not taken back for one burst in one check', () => {
    const checks = times(30, (i) => check(tally(10, i === 3 ? 4 : 0), tally(90, 1)))
    expect(watch(start(), checks).some(({ judgement }) => judgement === 'rollBack')).toBe(false)
  })
  test('more errors never make it look better', () => {
    const evidence = (errors: number) => {
      const analysis = start()
      let last = 0
      for (const one of times(12, () => check(tally(20, errors), tally(180, 4))))
        last = analysis.observe(one).evidence.value
      return last
    }
    const grown = [0, 1, 2, 3, 4].map(evidence)
    expect(grown).toEqual([...grown].sort((a, b) => a - b))
  })
})

describe('what happens to both arms', () => {
  test('is no fault of the canary: it is held, whatever share of the requests fails', () => {
    const checks = times(40, (i) => check(tally(10, i > 5 ? 4 : 0), tally(90, i > 5 ? 36 : 1)))
    const judgements = watch(start(), checks)
    expect(judgements).toHaveLength(40)
    expect(judgements.at(-1)).toMatchObject({
      judgement: 'hold',
      reason: { kind: 'environment', metric: 'errorRate', limit: 0.05 },
    })
  })
  test('passes: an hour later a bad canary is found as ever', () => {
    const outage = times(6, () => check(tally(10, 5), tally(90, 45)))
    const quiet = times(60, () => check(tally(10), tally(90, 1)))
    const bad = times(60, () => check(tally(10, 2), tally(90, 1)))
    const analysis = start()
    watch(analysis, [...outage, ...quiet])
    expect(watch(analysis, bad).at(-1)).toMatchObject({ judgement: 'rollBack' })
  })
})

describe('a limit', () => {
  test('is not broken by one error of twelve requests', () => {
    const first = start({ compare: false }).observe(check(tally(12, 1), null))
    expect(first).toMatchObject({ judgement: 'hold' })
  })
  test('for errors takes a first release back, which has no stable arm, once it is shown to be broken', () => {
    const checks = times(60, (i) => check(tally(10, i % 10 < 9 ? 1 : 0), null))
    const last = watch(start({ compare: false }), checks).at(-1)!
    expect(last).toMatchObject({
      judgement: 'rollBack',
      reason: { kind: 'limit', metric: 'errorRate', limit: 0.05, n: last.whole.canary.requests },
    })
  })
  test('lets a first release within it go a step up', () => {
    const checks = times(30, () => check(tally(10), null))
    expect(watch(start({ compare: false }), checks).at(-1)).toMatchObject({ judgement: 'advance' })
  })
  test('that allows no waiting takes back at the first check, if so many could not be chance', () => {
    const reason = { kind: 'atOnce', metric: 'errorRate', limit: 0.1, over: 15, n: 100 }
    expect(start().observe(check(tally(100, 15), tally(900, 9)))).toMatchObject({ judgement: 'rollBack', reason })
    // 3 of 20 are 15 %, and 7.5 % of the canaries at the ordinary limit of 5 % show that.
    expect(start().observe(check(tally(20, 3), tally(180, 2)))).toMatchObject({ judgement: 'hold' })
    expect(start().observe(check(tally(100, 15), tally(900, 120)))).toMatchObject({ judgement: 'hold' })
  })
  test('an emergency, half of ten requests failing, takes back at once unless the stable arm fails too', () => {
    const reason = { kind: 'emergency', over: 5, n: 10 }
    expect(start().observe(check(tally(10, 5), tally(90, 1)))).toMatchObject({ judgement: 'rollBack', reason })
    expect(start().observe(check(tally(9, 5), tally(90, 1)))).toMatchObject({ judgement: 'hold' })
    expect(start().observe(check(tally(10, 5), tally(90, 23)))).toMatchObject({ judgement: 'hold' })
  })
  test('for p95 is one on the share of requests that last longer: beyond 30 s at once', () => {
    const durations = [0, 0, 0, 50, 10, 20, 20]
    const found = start({ compare: false, durationBounds: HALF_MINUTE_BOUNDS }).observe(
      check(tally(100, 0, durations), null),
    )
    const reason = { kind: 'atOnce', metric: 'p95', limit: 30, over: 20, n: 100 }
    expect(found).toMatchObject({ judgement: 'rollBack', reason })
  })
  test('for p95 of 5 s takes back a canary of which 12 % last longer', () => {
    const durations = [0, 20, 40, 28, 12, 0, 0]
    const checks = times(30, () => check(tally(100, 0, durations), null))
    expect(watch(start({ compare: false, durationBounds: HALF_MINUTE_BOUNDS }), checks).at(-1)).toMatchObject({
      judgement: 'rollBack',
      reason: { kind: 'limit', metric: 'p95', limit: 5 },
    })
  })
})

describe('latencies', () => {
  const plan = { durationBounds: HALF_MINUTE_BOUNDS }
  const before = tally(1000, 10, fast)
  test('that are longer than the stable arm take the canary back', () => {
    const checks = times(30, () => check(tally(50, 0, per(slow, 50)), tally(450, 4, per(fast, 450))))
    const last = watch(start(plan, before), checks).at(-1)!
    expect(last).toMatchObject({ judgement: 'rollBack', reason: { kind: 'latency' } })
    if (last.judgement === 'rollBack' && last.reason.kind === 'latency') expect(last.reason.ratio).toBeGreaterThan(1.2)
  })
  test('are compared without a past too: where, is chosen from the first requests of the stable arm', () => {
    const checks = times(30, () => check(tally(50, 0, per(slow, 50)), tally(450, 4, per(fast, 450))))
    expect(watch(start(plan), checks).at(-1)).toMatchObject({ judgement: 'rollBack', reason: { kind: 'latency' } })
  })
  test('alike let it go a step up; missing ones hold it', () => {
    const alike = times(30, () => check(tally(50, 0, per(fast, 50)), tally(450, 4, per(fast, 450))))
    expect(watch(start(plan, before), alike).at(-1)).toMatchObject({ judgement: 'advance' })
    const missing = times(30, () => check(tally(50), tally(450, 4, per(fast, 450))))
    expect(watch(start(plan, before), missing).at(-1)).toMatchObject({
      judgement: 'hold',
      reason: { kind: 'noData' },
    })
  })
  test('beyond the last bucket hold it: no number is made up for them', () => {
    const limits = { ...GUIDE_LIMITS, p95Seconds: 1, p99Seconds: 1 }
    const durations = [900, 60, 40].map((count) => count / 10)
    const checks = times(30, () =>
      check(
        tally(100, 0, durations),
        tally(
          900,
          0,
          durations.map((count) => 9 * count),
        ),
      ),
    )
    expect(watch(start({ durationBounds: [0.5, 1], limits }), checks).at(-1)).toMatchObject({
      judgement: 'hold',
      reason: { kind: 'environment', metric: 'p99', limit: 1 },
    })
    const beyond = times(30, () => check(tally(100, 0, durations), null))
    const other = { ...GUIDE_LIMITS, p95Seconds: 2, p99Seconds: 3 }
    expect(watch(start({ compare: false, durationBounds: [0.5, 1], limits: other }), beyond).at(-1)).toMatchObject({
      judgement: 'hold',
      reason: { kind: 'slow', metric: 'p99', value: 'saturated', limit: 3 },
    })
  })
})

describe('without data', () => {
  test.each([
    ['nothing measured of the canary', check(null, tally(90, 1))],
    ['nothing measured of the stable arm', check(tally(10), null)],
    ['more errors than requests', check(tally(10, 11), tally(90, 1))],
    ['fractions of requests', check(tally(10.5, 1), tally(90, 1))],
    ['a negative count', check(tally(10, -1), tally(90, 1))],
    ['not a number', check(tally(Number.NaN), tally(90, 1))],
    ['buckets of another histogram', check(tally(10, 1, [3, 7]), tally(90, 1))],
  ])('a check holds, and is not time under watch: %s', (_, nothing) => {
    const analysis = start()
    const judgement = analysis.observe(nothing)
    expect(judgement).toMatchObject({ judgement: 'hold', reason: { kind: 'noData' }, stepSeconds: 0 })
    expect(analysis.state).toEqual(start().state)
  })
  test('and without traffic it is never promoted', () => {
    const judgements = watch(
      start(),
      times(180, () => check(tally(0), tally(100, 1))),
    )
    expect(judgements.every(({ judgement }) => judgement === 'hold')).toBe(true)
    expect(judgements.at(-1)).toMatchObject({ reason: { kind: 'noTraffic' } })
  })
})

describe('the state', () => {
  const plan = { ...DEFAULT_PLAN, durationBounds: HALF_MINUTE_BOUNDS }
  const checks = times(80, (i) =>
    check(tally(10, i % 7 === 0 ? 1 : 0, per(fast, 10)), tally(90, i % 3 === 0 ? 2 : 0, per(fast, 90))),
  )
  test('survives a restart at every check: the judgements are the same', () => {
    const whole = new CanaryAnalysis(plan, { before: tally(1000, 10, fast) })
    let parts = new CanaryAnalysis(plan, { before: tally(1000, 10, fast) })
    for (const [i, one] of checks.entries()) {
      if (i === 40) {
        whole.nextStep()
        parts.nextStep()
      }
      const [expected, found] = [whole.observe(one), parts.observe(one)]
      expect(found.judgement).toBe(expected.judgement)
      expect(found.reason.kind).toBe(expected.reason.kind)
      expect(found.evidence.value / expected.evidence.value).toBeCloseTo(1, 9)
      expect([found.whole, found.step, found.stepSeconds]).toEqual([
        expected.whole,
        expected.step,
        expected.stepSeconds,
      ])
      parts = new CanaryAnalysis(plan, { state: JSON.parse(JSON.stringify(parts.state)) })
    }
  })
  test('is small enough for a journal', () => {
    const analysis = new CanaryAnalysis(plan, { before: tally(1000, 10, fast) })
    watch(analysis, checks)
    expect(JSON.stringify(analysis.state).length).toBeLessThan(6000)
  })
})
