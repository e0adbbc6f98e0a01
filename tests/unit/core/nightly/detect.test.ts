import type { Blessing } from '@agent-ci/core/nightly/blessing'
import { confirm } from '@agent-ci/core/nightly/confirm'
import { detect } from '@agent-ci/core/nightly/detect'
import { findingSchema } from '@agent-ci/core/nightly/finding'
import type { Night } from '@agent-ci/core/nightly/night'
import { seriesOf } from '@agent-ci/core/nightly/series'
import { describe, expect, test } from '@jest/globals'
import { dateOf, nightOf } from './nights.ts'

/** Accuracies that scatter by about two points around 0.9. */
const SCATTER = [0.9, 0.92, 0.88, 0.91, 0.89, 0.93, 0.9, 0.87, 0.9, 0.92, 0.89, 0.91, 0.9, 0.88]
const usual = (count: number, from = 1): Night[] =>
  Array.from({ length: count }, (_, at) => nightOf(from + at, SCATTER[at % SCATTER.length]!))

const BLESSING: Blessing = {
  schema_version: 1,
  at: '2026-02-01T10:00:00Z',
  by: 'ada',
  reason: 'shorter answers are meant',
  run: '30',
  night: dateOf(30),
  dataset: 'golden',
  model: '*',
}

const look = (nights: readonly Night[], more: Partial<Parameters<typeof detect>[1]> = {}, metrics?: string[]) =>
  detect(seriesOf(nights, metrics && { metrics }), { night: nights.at(-1)!.night, ...more })

describe('what a series is', () => {
  test('warming up until a baseline has seven nights', () => {
    const [finding] = look(usual(7)).findings
    expect(finding).toMatchObject({
      state: 'warming-up',
      baseline: null,
      reason: '6 of the 7 nights that a baseline needs, since the history begins',
    })
    expect(look([...usual(7), nightOf(8, 0.9)]).findings[0]?.state).toBe('steady')
  })

  test('steady, with its numbers', () => {
    const [finding] = look(usual(40)).findings
    expect(findingSchema.parse(finding)).toEqual(finding)
    expect(finding).toMatchObject({
      state: 'steady',
      reason: '',
      baseline: { mean: expect.closeTo(0.9, 2), nights: 28, from: '2026-01-01', to: '2026-01-28' },
    })
    expect(finding?.p).toBeGreaterThan(0.05)
  })

  test('unmeasured where tonight measured nothing, or has no line at all', () => {
    const nights = [...usual(20), nightOf(21, null)]
    expect(look(nights).findings[0]).toMatchObject({
      state: 'unmeasured',
      value: null,
      reason: 'Nothing was measured tonight; the last measured night is 2026-01-20',
    })
    expect(look(usual(20), { night: dateOf(21) }).findings[0]?.state).toBe('unmeasured')
  })

  test('stale when the dataset, the judge or the model id is another one, until a run is blessed', () => {
    const other = { answered: ['claude-haiku-4-6'] }
    const nights = [...usual(29), nightOf(30, 0.5, other)]
    expect(look(nights).findings[0]).toMatchObject({
      state: 'stale',
      reason: expect.stringMatching(/2026-01-01 to 2026-01-28: the model id that answered changed\. Bless a run/),
    })
    expect(look(nights, { blessings: [BLESSING] }).findings[0]).toMatchObject({
      state: 'warming-up',
      reason: '0 of the 7 nights that a baseline needs, since run 30 of 2026-01-30 was blessed',
    })
  })

  test('warming up, not stale, where the dataset changed before there was a baseline', () => {
    const other = { answered: ['claude-haiku-4-6'] }
    const changed = Array.from({ length: 4 }, (_, at) => nightOf(6 + at, 0.9, other))
    expect(look([...usual(5), ...changed]).findings[0]).toMatchObject({
      state: 'warming-up',
      reason: expect.stringMatching(/^3 of the 7 nights/),
    })
    // And once there is one, it is the first that had nights enough, whatever comes after.
    const back = Array.from({ length: 30 }, (_, at) => nightOf(20 + at, 0.9))
    const settled = Array.from({ length: 9 }, (_, at) => nightOf(6 + at, 0.9, other))
    expect(look([...usual(5), ...settled, ...back]).findings[0]?.state).toBe('stale')
  })

  test('suspect when it fell, and the re-run that decides is asked for', () => {
    const { findings, reruns } = look([...usual(30), nightOf(31, 0.78)])
    expect(findings[0]).toMatchObject({ state: 'suspect', scale: 'night', drop: expect.closeTo(0.12, 2) })
    expect(findings[0]?.reason).toMatch(
      /^accuracy 0\.780 tonight, 0\.900 ± 0\.017 in the 28 nights from 2026-01-01 to 2026-01-28: 12\.0 points lower, p < 0\.000001 \(< 0\.000001 over all series\); a re-run has to confirm it$/,
    )
    expect(reruns).toEqual([
      { dataset: 'golden', model: 'claude-haiku', prompts: null, runs: 1, metrics: ['accuracy'] },
    ])
  })

  test('suspect by the week where each night alone is within its noise, with three re-runs', () => {
    const week = Array.from({ length: 7 }, (_, at) => nightOf(29 + at, SCATTER[at]! - 0.03))
    const { findings, reruns } = look([...usual(28), ...week])
    expect(findings[0]).toMatchObject({ state: 'suspect', scale: 'week', drop: expect.closeTo(0.03, 2) })
    expect(reruns[0]?.runs).toBe(3)
  })

  test('improved when it rose; a run has to be blessed to hold it', () => {
    const { findings, reruns } = look([...usual(30), nightOf(31, 0.99)])
    expect(findings[0]).toMatchObject({ state: 'improved', drop: expect.closeTo(-0.09, 2) })
    expect(findings[0]?.reason).toMatch(/9\.0 points higher.*bless a run to hold it/)
    expect(reruns).toEqual([])
  })

  test('a drop smaller than the guard is none, however sure', () => {
    const still = Array.from({ length: 28 }, (_, at) => nightOf(at + 1, 0.9 + (at % 2) * 0.001))
    const fallen = [...still, nightOf(29, 0.885)]
    expect(look(fallen).findings[0]?.state).toBe('steady')
    expect(look(fallen, { settings: { minDrop: 0.01 } }).findings[0]?.state).toBe('suspect')
  })
})

describe('the direction and the scale of a metric', () => {
  const latency = (at: number, value: number) => nightOf(at, 0.9, { metrics: { latency_p95_ms: { value, n: 100 } } })
  const nights = Array.from({ length: 28 }, (_, at) => latency(at + 1, 1_000 * (0.6 + SCATTER[at % 14]! / 2.25)))

  test('a latency is worse when it rises, and a tenth more is the least that counts', () => {
    const [finding] = look([...nights, latency(29, 1_300)]).findings
    expect(finding).toMatchObject({ state: 'suspect', unit: 'ms', drop: expect.closeTo(300, -1) })
    expect(finding?.reason).toMatch(/^latency_p95_ms 1300 ms tonight, .* 30 % higher/)
    expect(look([...nights, latency(29, 1_090)]).findings[0]?.state).toBe('steady')
    expect(look([...nights, latency(29, 700)]).findings[0]?.state).toBe('improved')
  })

  test('an error rate is worse when it rises', () => {
    const rate = (at: number, value: number) => nightOf(at, 0.9, { metrics: { error_rate: { value, n: 100 } } })
    const rates = Array.from({ length: 28 }, (_, at) => rate(at + 1, 0.01 + (at % 3) * 0.01))
    expect(look([...rates, rate(29, 0.3)], {}, ['error_rate']).findings[0]).toMatchObject({
      state: 'suspect',
      drop: expect.closeTo(0.28, 2),
    })
  })

  test('what cost nothing and now does is found', () => {
    const cost = (at: number, value: number) => nightOf(at, 0.9, { metrics: { cost_mean_usd: { value, n: 100 } } })
    const free = Array.from({ length: 28 }, (_, at) => cost(at + 1, 0))
    expect(look([...free, cost(29, 0)]).findings[0]?.state).toBe('steady')
    expect(look([...free, cost(29, 0.01)]).findings[0]?.state).toBe('suspect')
  })
})

describe('the baseline', () => {
  test('is pinned: later nights do not move it', () => {
    const slow = Array.from({ length: 60 }, (_, at) =>
      nightOf(at + 1, SCATTER[at % 14]! - Math.max(0, at - 28) * 0.001),
    )
    expect(look(slow).findings[0]).toMatchObject({ state: 'suspect', scale: 'week', baseline: { to: '2026-01-28' } })
  })

  test('begins with the blessed run, which nothing but a later blessing moves', () => {
    const lower = Array.from({ length: 21 }, (_, at) => nightOf(30 + at, SCATTER[at % 14]! - 0.06))
    const nights = [...usual(29), ...lower]
    expect(look(nights).findings[0]?.state).toBe('suspect')
    expect(look(nights, { blessings: [BLESSING] }).findings[0]).toMatchObject({
      state: 'steady',
      baseline: { from: dateOf(30), nights: 20 },
    })
    const elsewhere = { ...BLESSING, dataset: 'other' }
    expect(look(nights, { blessings: [elsewhere] }).findings[0]?.state).toBe('suspect')
    const later = { ...BLESSING, at: '2026-03-01T10:00:00Z', night: dateOf(1), dataset: '*' }
    expect(look(nights, { blessings: [later, BLESSING] }).findings[0]?.baseline?.from).toBe(dateOf(1))
  })

  test('does not grow over a drop of its first weeks', () => {
    const fallen = Array.from({ length: 40 }, (_, at) => nightOf(13 + at, SCATTER[at % 14]! - 0.1))
    for (const nights of [6, 20, 40]) {
      const [finding] = look([...usual(12), ...fallen.slice(0, nights)]).findings
      expect(finding).toMatchObject({ state: 'suspect', baseline: { to: dateOf(12) } })
    }
  })

  test('leaves nights out that measured nothing', () => {
    const nights = usual(30).map((night, at) => (at % 3 === 0 ? nightOf(at + 1, null) : night))
    expect(look(nights).findings[0]?.state).toBe('steady')
    expect(look(nights).findings[0]?.baseline?.nights).toBe(19)
  })
})

describe('the confirmation', () => {
  const fallen = look([...usual(30), nightOf(31, 0.78)])
  const rerun = (accuracy: number | null, more: Partial<Night> = {}) => nightOf(31, accuracy, more)

  test('makes a regression of what falls again', () => {
    const [finding] = confirm(fallen, [rerun(0.79)])
    expect(findingSchema.parse(finding)).toEqual(finding)
    expect(finding).toMatchObject({ state: 'regressed', confirmed: { value: expect.closeTo(0.79, 10), n: 100 } })
    expect(finding?.reason).toMatch(/; confirmed by a re-run: 0\.790 \(n 100\), p .*, below 0\.05$/)
  })

  test('leaves a suspect of what does not', () => {
    const [finding] = confirm(fallen, [rerun(0.9)])
    expect(finding).toMatchObject({ state: 'suspect', confirmed: { value: expect.closeTo(0.9, 10) } })
    expect(finding?.reason).toMatch(/; not confirmed by a re-run: .*, it had to be below 0\.05$/)
  })

  test('cannot be had from a re-run that measured nothing, of another evaluation or of the other arm', () => {
    for (const runs of [[], [rerun(null)], [rerun(0.7, { model: 'other' })], [rerun(0.7, { arm: 'control' })]]) {
      const [finding] = confirm(fallen, runs)
      expect(finding).toMatchObject({ state: 'suspect', confirmed: null })
      expect(finding?.reason).toMatch(/the re-run that should confirm it measured nothing$/)
    }
  })

  test('is harder the more was flagged', () => {
    const legs = ['a', 'b', 'c', 'd', 'e'].flatMap((model) =>
      [...usual(30), nightOf(31, 0.78)].map((night) => ({ ...night, model })),
    )
    const found = detect(seriesOf(legs), { night: dateOf(31) })
    expect(found.reruns).toHaveLength(5)
    const again = ['a', 'b', 'c', 'd', 'e'].map((model) => rerun(0.858, { model }))
    expect(confirm(found, again).map(({ state }) => state)).toEqual(new Array(5).fill('suspect'))
    const alone = detect(seriesOf(legs.filter(({ model }) => model === 'a')), { night: dateOf(31) })
    expect(confirm(alone, again)[0]?.state).toBe('regressed')
  })
})

describe('a fleet', () => {
  const models = Array.from({ length: 12 }, (_, at) => `model-${at}`)
  /** Each model with a scatter of its own, and a drop on the last night. */
  const nights = (dropOf: (model: number) => number) =>
    models.flatMap((model, i) =>
      Array.from({ length: 31 }, (_, at) =>
        nightOf(at + 1, SCATTER[(at * 3 + i) % 14]! - (at === 30 ? dropOf(i) : 0), { model }),
      ),
    )

  test('that moved alike is told once, and nothing of it is run again', () => {
    const { fleetShift, reruns, findings } = detect(seriesOf(nights(() => 0.08)), { night: dateOf(31) })
    expect(fleetShift).toMatchObject({ series: 12, metrics: ['accuracy'] })
    expect(fleetShift?.median_t).toBeLessThan(-1.5)
    expect(reruns).toEqual([])
    expect(findings.some(({ reason }) => reason.endsWith('it moved along with most series of its metric'))).toBe(true)
  })

  test('does not hide a series that fell much further', () => {
    const found = detect(seriesOf(nights((i) => (i === 4 ? 0.3 : 0.06))), { night: dateOf(31) })
    expect(found.fleetShift).not.toBeNull()
    expect(found.reruns.map(({ model }) => model)).toEqual(['model-4'])
    expect(confirm(found, [nightOf(31, 0.6, { model: 'model-4' })])[4]?.state).toBe('regressed')
    expect(confirm(found, [nightOf(31, 0.84, { model: 'model-4' })])[4]?.state).toBe('suspect')
  })

  test('of which a few fell has no shift', () => {
    const { fleetShift, reruns } = detect(seriesOf(nights((i) => (i < 3 ? 0.12 : 0))), { night: dateOf(31) })
    expect(fleetShift).toBeNull()
    expect(reruns.length).toBeGreaterThanOrEqual(2)
  })
})
