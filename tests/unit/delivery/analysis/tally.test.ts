import { addReading, bucketsWithin, countsOf, type Tally } from '@agent-ci/delivery/analysis/tally'
import { expect, test } from '@jest/globals'

const counts = (atMs: number, canary: [number, number], stable: [number, number]): Tally[number] => ({
  kind: 'counts',
  atMs,
  arms: { canary: { bad: canary[0], total: canary[1] }, stable: { bad: stable[0], total: stable[1] } },
})

const buckets = (atMs: number, canary: Record<string, number>, stable: Record<string, number>): Tally[number] => {
  const of = (spelt: Record<string, number>) => ({
    bounds: Object.keys(spelt)
      .filter((bound) => bound !== 'inf')
      .map(Number),
    counts: Object.values(spelt),
  })
  return { kind: 'buckets', atMs, arms: { canary: of(canary), stable: of(stable) } }
}

const NOTHING = { bounds: [], counts: [0] }

test('a reading joins the others of its window, and what is as old as the window leaves', () => {
  const [first, second, third] = [10, 20, 30].map((atMs) => counts(atMs, [0, 1], [0, 1]))
  const tally = addReading(addReading([], first!, 20), second!, 20)
  expect(tally).toEqual([first, second])
  expect(addReading(tally, third!, 20)).toEqual([second, third])
  expect(addReading(tally, third!, 21)).toEqual([first, second, third])
})

test('a reading without increments changes nothing', () => {
  const tally = [counts(10, [0, 1], [0, 1])]
  expect(addReading(tally, { kind: 'empty', atMs: 99, found: [], evidence: false }, 20)).toBe(tally)
  expect(addReading([], buckets(99, { 1: 2, inf: 0 }, { 1: 1, inf: 0 }), 20)).toHaveLength(1)
})

test('the counts of each arm are those of its readings', () => {
  expect(countsOf([])).toEqual({ canary: { bad: 0, total: 0 }, stable: { bad: 0, total: 0 } })
  const tally = [
    counts(10, [1, 5], [2, 50]),
    buckets(15, { 1: 2, inf: 0 }, { 1: 1, inf: 0 }),
    counts(20, [3, 7], [4, 70]),
  ]
  expect(countsOf(tally)).toEqual({ canary: { bad: 4, total: 12 }, stable: { bad: 6, total: 120 } })
})

test('the buckets of each arm are added between the bounds that all readings share', () => {
  const tally = [
    buckets(10, { 1: 1, 2: 2, 5: 3, inf: 4 }, { 1: 10, 2: 20, 5: 30, inf: 40 }),
    counts(15, [1, 5], [2, 50]),
    buckets(20, { 1: 1, 5: 1, inf: 1 }, { 1: 2, 5: 2, inf: 2 }),
  ]
  expect(bucketsWithin(tally)).toEqual({
    canary: { bounds: [1, 5], counts: [2, 6, 5] },
    stable: { bounds: [1, 5], counts: [12, 52, 42] },
  })
})

test('an arm that showed no histogram yet takes no bound from the other', () => {
  const tally: Tally = [
    { kind: 'buckets', atMs: 10, arms: { canary: NOTHING, stable: { bounds: [1, 5], counts: [1, 2, 3] } } },
    buckets(20, { 1: 1, 5: 1, inf: 1 }, { 1: 2, 5: 2, inf: 2 }),
  ]
  expect(bucketsWithin(tally)).toEqual({
    canary: { bounds: [1, 5], counts: [1, 1, 1] },
    stable: { bounds: [1, 5], counts: [3, 4, 5] },
  })
})

test('counts without a bound are of no known latency, and are left out', () => {
  const tally: Tally = [
    {
      kind: 'buckets',
      atMs: 10,
      arms: { canary: { bounds: [], counts: [7] }, stable: { bounds: [1], counts: [1, 2] } },
    },
    buckets(20, { 1: 1, inf: 1 }, { 1: 2, inf: 2 }),
  ]
  expect(bucketsWithin(tally).canary).toEqual({ bounds: [1], counts: [1, 1] })
})
