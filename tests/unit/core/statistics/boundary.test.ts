import { sequentialBoundary, walk, walkFinite } from '@agent-ci/core/statistics/boundary'
import { criticalCounts, needPasses } from '@agent-ci/core/statistics/need'
import { type Decision, SequentialGate } from '@agent-ci/core/statistics/sequential-gate'
import { decisiveNeed, judgeStopped } from '@agent-ci/core/statistics/stopped'
import { describe, expect, test } from '@jest/globals'
import fc from '../../../properties.ts'

describe('the boundary', () => {
  test.each([
    [20, 0.85, 0.05, 1],
    [40, 0.5, 0.01, 1],
    [60, 0.9, 0.01, 20],
    [100, 0.85, 0.01, 20],
    [100, 0.95, 0.05, 10],
    [200, 0.85, 0.01, 20],
  ])(
    'for %p calls at %p differs from the full run at most as agreed (%p), whatever that would be',
    (total, threshold, most, minLook) => {
      const boundary = sequentialBoundary(total, needPasses(total, threshold), most, minLook)
      let worst = 0
      for (let passes = 0; passes <= total; passes++) {
        const { met, missed } = walkFinite(boundary, passes)
        expect(met + missed).toBeCloseTo(1, 10)
        worst = Math.max(worst, passes >= boundary.need ? missed : met)
      }
      expect(worst).toBeLessThanOrEqual(most)
      expect(worst).toBeCloseTo(
        Math.max(walkFinite(boundary, boundary.need - 1).met, walkFinite(boundary, boundary.need).missed),
        12,
      )
      // The agreed disagreement is used, not wasted.
      expect(worst).toBeGreaterThan(most / 3)
    },
  )

  test('walks as all orders of the calls do', () => {
    const [total, passes] = [8, 5]
    const boundary = sequentialBoundary(total, 5, 0.2, 1)
    const seen = { met: 0, missed: 0, calls: 0, all: 0 }
    for (let bits = 0; bits < 2 ** total; bits++) {
      const results = Array.from({ length: total }, (_, i) => (bits >> i) & 1)
      if (results.reduce((sum, result) => sum + result, 0) !== passes) continue
      seen.all++
      let s = 0
      for (const [i, result] of results.entries()) {
        s += result
        const met = s >= boundary.passAt[i + 1]!
        if (!met && s > boundary.failAt[i + 1]!) continue
        seen.calls += i + 1
        if (met) seen.met++
        else seen.missed++
        break
      }
    }
    const found = walkFinite(boundary, passes)
    expect(found.met).toBeCloseTo(seen.met / seen.all, 12)
    expect(found.missed).toBeCloseTo(seen.missed / seen.all, 12)
    expect(found.calls).toBeCloseTo(seen.calls / seen.all, 12)
    expect(found.missed).toBeGreaterThan(0)
  })

  test('never differs where no disagreement is agreed', () => {
    const boundary = sequentialBoundary(60, 51, 0)
    for (let passes = 0; passes <= 60; passes++) {
      const { met, missed } = walkFinite(boundary, passes)
      expect(passes >= 51 ? missed : met).toBe(0)
    }
  })

  test('before the first look stops only for certain', () => {
    const [late, certain] = [sequentialBoundary(100, 85, 0.05, 30), sequentialBoundary(100, 85, 0)]
    expect([...late.passAt.slice(0, 30)]).toEqual([...certain.passAt.slice(0, 30)])
    expect([...late.failAt.slice(0, 30)]).toEqual([...certain.failAt.slice(0, 30)])
    expect(late.failAt[30]).toBeGreaterThan(certain.failAt[30]!)
  })

  test('closes: at the last call one of the lines is reached', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 80 }),
        fc.nat({ max: 81 }),
        fc.constantFrom(0, 0.01, 0.1),
        (total, some, most) => {
          const need = Math.min(some, total + 1)
          const { passAt, failAt } = sequentialBoundary(total, need, most, 5)
          expect(passAt[total]).toBe(need)
          expect(failAt[total]).toBe(Math.max(-1, need - 1))
          for (let t = 1; t <= total; t++) expect(passAt[t]!).toBeGreaterThan(failAt[t]!)
        },
      ),
    )
  })

  test('refuses half a call', () => {
    expect(() => sequentialBoundary(0, 0, 0.01)).toThrow(RangeError)
    expect(() => sequentialBoundary(1.5, 1, 0.01)).toThrow(RangeError)
  })
})

describe('a verdict after an early stop', () => {
  test.each([
    [50, 0.85, 0],
    [50, 0.85, 0.01],
    [100, 0.95, 0],
    [100, 0.9, 0.05],
    [30, 0.5, 0.05],
  ])(
    'over %p calls at %p (disagreement %p) is false at most as often as one of a full run',
    (total, threshold, most) => {
      const boundary = sequentialBoundary(total, needPasses(total, threshold), most, 5)
      let confirmed = 0
      for (const met of [true, false]) {
        let [last, gap] = [0, false]
        for (let committed = 1; committed <= total; committed++) {
          const decision: Decision = { met, by: 'confident', committed, passes: 0 }
          const sure = judgeStopped({ boundary, decision }, threshold, 0.95, committed)?.verdict !== 'inconclusive'
          // The earlier the stop, the surer the verdict.
          expect(sure && gap).toBe(false)
          if (sure) last = committed
          else gap = true
        }
        const side = walk(boundary, () => threshold, last)
        expect(last === 0 ? 0 : met ? side.met : side.missed).toBeLessThanOrEqual(0.05 * (1 + 1e-9))
        if (last > 0) confirmed++
      }
      expect(confirmed).toBeGreaterThan(0)
    },
  )

  test('counts the calls under way against a certain one', () => {
    const boundary = sequentialBoundary(20, 17, 0)
    const decision: Decision = { met: true, by: 'certain', committed: 17, passes: 17 }
    const [alone, crowded] = [17, 20].map((started) => judgeStopped({ boundary, decision }, 0.85, 0.95, started)!.tail)
    expect(alone).toBeCloseTo(0.85 ** 17, 12)
    expect(crowded).toBeGreaterThan(alone!)
    expect(judgeStopped({ boundary, decision: null }, 0.85, 0.95, 3)).toBeNull()
  })

  test('follows what the exit status asks for', () => {
    const { confirm, refute } = criticalCounts(100, 0.85, 0.95)
    expect([confirm, refute]).toEqual([92, 78])
    expect(decisiveNeed(100, 0.85, 0.95, 'point')).toBe(85)
    expect(decisiveNeed(100, 0.85, 0.95, 'fail')).toBe(92)
    expect(decisiveNeed(100, 0.85, 0.95, 'pass')).toBe(79)
    expect(decisiveNeed(100, 0.85, 0.95, 'point', true)).toBe(86)
    // Stopped as confirmed for certain, it is confirmed.
    const gate = new SequentialGate(sequentialBoundary(100, 92, 0))
    for (let place = 0; !gate.decision; place++) gate.record(place, place % 13 === 5 ? 0 : 1)
    expect(gate.decision.met).toBe(true)
    expect(judgeStopped(gate, 0.85, 0.95, gate.recorded)?.verdict).toBe('passed')
  })
})
