import { sequentialBoundary } from '@agent-ci/core/statistics/boundary'
import { finalCountEvidence, finalCountRange } from '@agent-ci/core/statistics/final-count'
import { logHypergeometric } from '@agent-ci/core/statistics/hypergeometric'
import { lookAhead } from '@agent-ci/core/statistics/look-ahead'
import { RunStop } from '@agent-ci/core/statistics/run-stop'
import { SequentialGate } from '@agent-ci/core/statistics/sequential-gate'
import { SequentialScoreGate } from '@agent-ci/core/statistics/sequential-score'
import { describe, expect, test } from '@jest/globals'
import fc from '../../../properties.ts'

const run = (gate: SequentialGate, results: readonly (number | null)[], order = results.map((_, i) => i)) => {
  for (const place of order) {
    if (gate.decision) break
    gate.record(place, results[place]!)
  }
  return gate
}

/** Results, and an order for them to come in. */
const runs = fc
  .array(fc.constantFrom(0, 1, 1, 1), { minLength: 1, maxLength: 60 })
  .chain((results) =>
    fc.tuple(fc.constant(results), fc.shuffledSubarray([...results.keys()], { minLength: results.length })),
  )

describe('a gate while its run goes on', () => {
  test('stops as soon as the rest cannot change it, and not before', () => {
    const gate = new SequentialGate(sequentialBoundary(10, 8, 0))
    for (let place = 0; place < 7; place++) gate.record(place, 1)
    expect(gate.decision).toBeNull()
    gate.record(7, 1)
    expect(gate.decision).toEqual({ met: true, by: 'certain', committed: 7, passes: 7 })
    expect(run(new SequentialGate(sequentialBoundary(10, 8, 0)), [1, 0, 0, 1, 0]).decision).toMatchObject({
      met: false,
    })
  })

  test('for certain agrees with the full run, in whatever order the results come', () => {
    fc.assert(
      fc.property(runs, fc.nat({ max: 60 }), ([results, order], some) => {
        const need = Math.min(some, results.length)
        const { decision } = run(new SequentialGate(sequentialBoundary(results.length, need, 0)), results, order)
        expect(decision?.met).toBe(results.reduce<number>((sum, result) => sum + result, 0) >= need)
      }),
    )
  })

  test('looks along the dispatch order alone: slow failures cannot make it confident', () => {
    const boundary = sequentialBoundary(100, 85, 0.05, 1)
    const results = Array.from({ length: 100 }, (_, i) => (i % 5 === 4 ? 0 : 1))
    const [passes, failures] = [0, 1].map((kind) => results.flatMap((result, i) => (result === kind ? [i] : [])))
    const gate = run(new SequentialGate(boundary), results, [...failures!, ...passes!].slice(0, 70))
    expect(gate.recorded).toBe(70)
    expect(gate.committed).toBe(4)
    expect(gate.decision).toBeNull()
  })

  test('decides at the same committed result whatever the order of arrival', () => {
    fc.assert(
      fc.property(runs, ([results, order]) => {
        const boundary = sequentialBoundary(results.length, Math.ceil(0.7 * results.length), 0.1, 3)
        const straight = run(new SequentialGate(boundary), results)
        const crooked = run(new SequentialGate(boundary), results, order)
        if (crooked.decision?.by === 'confident') expect(crooked.decision).toEqual(straight.decision)
        else expect(crooked.decision?.by).toBe('certain')
      }),
    )
  })

  test('counts a lost trial against whatever is claimed', () => {
    const boundary = sequentialBoundary(10, 8, 0)
    expect(run(new SequentialGate(boundary), [1, 1, 1, 1, 1, 1, 1, null, null]).decision).toBeNull()
    expect(run(new SequentialGate(boundary), [0, 0, null, null, null]).decision).toBeNull()
    expect(run(new SequentialGate(boundary), [0, 0, null, 0]).decision).toMatchObject({ met: false })
    // Decided with losses, the measured trials alone decide alike.
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 1, 1, null), { minLength: 1, maxLength: 40 }), (results) => {
        const need = Math.ceil(0.8 * results.length)
        const { decision } = run(new SequentialGate(sequentialBoundary(results.length, need, 0)), results)
        const measured = results.filter((result) => result !== null)
        const passes = measured.filter((result) => result === 1).length
        if (decision) expect(decision.met).toBe(passes >= Math.ceil(0.8 * measured.length - 1e-9))
      }),
    )
  })

  test('is decided from the start where nothing is asked, or too much', () => {
    expect(new SequentialGate(sequentialBoundary(5, 0, 0.01)).decision).toMatchObject({ met: true, committed: 0 })
    expect(new SequentialGate(sequentialBoundary(5, 6, 0.01)).decision).toMatchObject({ met: false, committed: 0 })
  })

  test('takes a place once, and ignores what comes after its decision', () => {
    const gate = new SequentialGate(sequentialBoundary(3, 2, 0))
    gate.record(0, 1)
    expect(() => gate.record(0, 1)).toThrow(RangeError)
    expect(() => gate.record(3, 1)).toThrow(RangeError)
    gate.record(1, 1)
    gate.record(2, 0)
    expect([gate.recorded, gate.decision?.met]).toEqual([2, true])
  })
})

describe('what the full run can still come to', () => {
  test('is bounded for certain by the results in, beyond gaps too', () => {
    const gate = run(new SequentialGate(sequentialBoundary(10, 9, 0)), [1, 0, 1, null, 1, 1], [0, 1, 3, 5])
    expect(gate.finalPasses(1)).toEqual([2, 8])
  })

  test('holds with its confidence even where the moment was chosen by looking', () => {
    // All orders of all populations of 9: the chance that the range ever misses the final count.
    const [total, confidence] = [9, 0.8]
    for (let passes = 0; passes <= total; passes++) {
      let chance = new Map([[0, 1]])
      let missed = 0
      for (let seen = 1; seen <= total; seen++) {
        const next = new Map<number, number>()
        for (const [s, mass] of chance) {
          const up = (passes - s) / (total - seen + 1)
          for (const [to, part] of [
            [s + 1, up],
            [s, 1 - up],
          ] as const) {
            if (part <= 0) continue
            const [low, high] = finalCountRange(total, seen, to, confidence)
            if (passes < low || passes > high) missed += mass * part
            else next.set(to, (next.get(to) ?? 0) + mass * part)
          }
        }
        chance = next
      }
      expect(missed).toBeLessThanOrEqual(1 - confidence)
    }
  })

  test('is weighed by evidence that is worth at most 1 on average where it is false', () => {
    const [total, need] = [30, 24]
    for (const seen of [3, 10, 25]) {
      for (const passes of [0, 10, 23, 24, 27, 30]) {
        let expected = 0
        for (let s = Math.max(0, seen - (total - passes)); s <= Math.min(seen, passes); s++) {
          const { met, missed } = finalCountEvidence(total, need, seen, s)
          expected += Math.exp(logHypergeometric(s, total, passes, seen)) * (passes < need ? met : missed)
        }
        expect(expected).toBeLessThanOrEqual(1 + 1e-9)
      }
    }
  })
})

describe('looking ahead', () => {
  test('starts as much as it may far from a decision, and little close to one', () => {
    const boundary = sequentialBoundary(200, 170, 0.01)
    expect(lookAhead(new SequentialGate(boundary), 0, 8)).toBe(8)
    const close = new SequentialGate(boundary)
    for (let place = 0; place < 36; place++) close.record(place, 1)
    expect(close.decision).toBeNull()
    close.record(36, 0)
    const room = lookAhead(close, 0, 100)
    expect(room).toBeGreaterThanOrEqual(1)
    expect(room).toBeLessThan(30)
    expect(lookAhead(close, room, 100)).toBe(0)
  })
  test('never starves an undecided run, nor feeds a decided one', () => {
    fc.assert(
      fc.property(runs, fc.integer({ min: 1, max: 9 }), ([results], most) => {
        const gate = new SequentialGate(sequentialBoundary(results.length, Math.ceil(0.8 * results.length), 0.05, 2))
        for (let place = 0; !gate.decision; place++) {
          const room = lookAhead(gate, 0, most)
          expect(room).toBeGreaterThanOrEqual(1)
          expect(room).toBeLessThanOrEqual(Math.min(most, results.length - place))
          gate.record(place, results[place]!)
        }
        expect(lookAhead(gate, 0, most)).toBe(0)
      }),
    )
  })
})

describe('several gates over one run', () => {
  const gates = () => [
    { gate: new SequentialGate(sequentialBoundary(6, 5, 0)), positions: [0, 1, 2, 3, 4, 5] },
    { gate: new SequentialGate(sequentialBoundary(2, 1, 0)), positions: Uint32Array.from([1, 4]) },
  ]
  test('stop it when the last is decided, each by its own trials', () => {
    const watched = gates()
    const stop = new RunStop(watched)
    stop.record(0, [0, null])
    stop.record(2, [0, null])
    expect(watched[0]!.gate.decision).toMatchObject({ met: false })
    expect(stop.decided).toBe(false)
    stop.record(1, [1, 0])
    expect(stop.decided).toBe(false)
    stop.record(4, [1, 1])
    expect(watched[1]!.gate.decision).toMatchObject({ met: true })
    expect(stop.decided).toBe(true)
    expect(stop.lookAhead(0, 4)).toBe(0)
  })
  test('look as far ahead as the one that needs the most', () => {
    const stop = new RunStop(gates())
    expect(stop.lookAhead(0, 3)).toBe(3)
    stop.record(0, [0, null])
    stop.record(2, [0, null])
    // Only the gate on positions 1 and 4 is open: the trials up to its next one.
    expect(stop.lookAhead(0, 4)).toBeGreaterThanOrEqual(2)
  })
  test('no gate, no early stop', () => {
    const stop = new RunStop([])
    stop.record(0, [])
    expect([stop.decided, stop.lookAhead(3, 7)]).toEqual([false, 7])
  })
})

describe('a gate on the mean of scores', () => {
  test('stops when the sum is reached, or out of reach', () => {
    const gate = new SequentialScoreGate(4, 0.5, 0)
    for (const [place, score] of [0.9, 0.6].entries()) gate.record(place, score)
    expect(gate.decision).toBeNull()
    gate.record(2, 0.5)
    expect(gate.decision).toMatchObject({ met: true, by: 'certain' })
    const low = new SequentialScoreGate(4, 0.5, 0)
    for (const [place, score] of [0.1, 0.2, 0.4].entries()) low.record(place, score)
    expect(low.decision).toMatchObject({ met: false, by: 'certain' })
    expect(() => low.record(0, 1)).toThrow(RangeError)
  })
  test('is confident long before that when the scores are clear', () => {
    const scores = (value: number) => {
      const gate = new SequentialScoreGate(500, 0.8, 0.01)
      for (let place = 0; !gate.decision; place++) gate.record(place, value + (place % 2 ? 0.05 : -0.05))
      return gate
    }
    expect(scores(0.93).decision).toMatchObject({ met: true, by: 'confident' })
    expect(scores(0.93).recorded).toBeLessThan(120)
    expect(scores(0.4).decision).toMatchObject({ met: false, by: 'confident' })
    expect(scores(0.4).recorded).toBe(20)
  })
  test('takes lost trials and results out of order', () => {
    const gate = new SequentialScoreGate(3, 0.5, 0)
    gate.record(2, 0.9)
    gate.record(0, null)
    expect(gate.decision).toBeNull()
    gate.record(1, 0.7)
    expect(gate.decision).toMatchObject({ met: true, by: 'certain' })
  })
})
