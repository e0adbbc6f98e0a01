import { type KayentaClass, kayentaJudge, kayentaScore } from '@agent-ci/core/statistics/canary/kayenta'
import { shiftOf } from '@agent-ci/core/statistics/canary/shift'
import { describe, expect, test } from '@jest/globals'

const from = (start: number) => Array.from({ length: 10 }, (_, i) => start + i)
const [low, high] = [from(10), from(30)]
const ones = new Array<number>(10).fill(1)
const hundreds = (n: number) => [...new Array<number>(n).fill(100), ...new Array<number>(10 - n).fill(1)]

describe("Kayenta's judge", () => {
  test('finds 30..39 higher than 10..19: by 20, between 16 and 24, a ratio of 2.3793', () => {
    const { class: found, shift, ratio } = kayentaJudge(low, high, { direction: 'increase' })
    expect(found).toBe('high')
    expect(shift).toEqual({ estimate: 20, low: 16, high: 24 })
    expect(ratio).toBeCloseTo(2.3793, 4)
  })
  test('lets pass an increase where only a decrease is bad', () => {
    expect(kayentaJudge(low, high, { direction: 'decrease' }).class).toBe('pass')
  })
  test('finds 10..19 lower than 30..39', () => {
    expect(kayentaJudge(high, low, { direction: 'either' }).class).toBe('low')
  })
  test('lets pass the same values in another order', () => {
    expect(kayentaJudge(low, [...low].reverse()).class).toBe('pass')
  })
  test('lets pass seven values of a hundred among ten ones, and not eight', () => {
    const options = { direction: 'increase', allowedIncrease: 1.05 } as const
    const seven = kayentaJudge(ones, hundreds(7), options)
    expect(seven.class).toBe('pass')
    expect(seven.shift?.low).toBeCloseTo(0, 3)
    expect(seven.shift?.high).toBe(99)
    expect(kayentaJudge(ones, hundreds(8), options).class).toBe('high')
  })
  test('lets pass a few errors against a baseline of zero', () => {
    expect(kayentaJudge([0, 0, 0, 0, 0, 0], [0, 1, 2, 1, 0, 0], { direction: 'increase' }).class).toBe('pass')
  })
  test('lets pass one outlier', () => {
    expect(kayentaJudge(low, [...from(10).slice(1), 1000], { direction: 'increase' }).class).toBe('pass')
  })
  test('says that there is no data, and leaves out what is not a number', () => {
    expect(kayentaJudge([], [])).toMatchObject({ class: 'noData', shift: null })
    expect(kayentaJudge(low, new Array<number>(10).fill(Number.NaN)).class).toBe('noData')
    expect(kayentaJudge(low, [...high, Number.NaN], { direction: 'increase' }).shift).toEqual({
      estimate: 20,
      low: 16,
      high: 24,
    })
  })
  test('refuses fewer than five values on a side, and calls fewer than fifty weak', () => {
    expect(kayentaJudge(low, high.slice(0, 4)).class).toBe('refused')
    expect(kayentaJudge(low.slice(0, 5), high.slice(0, 5), { direction: 'increase' })).toMatchObject({ weak: true })
    const many = Array.from({ length: 50 }, (_, i) => i)
    expect(kayentaJudge(many, many).weak).toBe(false)
  })
  test('tells two constants apart', () => {
    expect(
      kayentaJudge(
        ones,
        ones.map(() => 2),
      ).class,
    ).toBe('high')
    expect(kayentaJudge(ones, ones).class).toBe('pass')
  })
  test('counts an increase only from the allowed ratio of means on', () => {
    expect(kayentaJudge(low, high, { direction: 'increase', allowedIncrease: 2.5 }).class).toBe('pass')
    expect(kayentaJudge(low, high, { direction: 'increase', allowedIncrease: 2.3 }).class).toBe('high')
  })
})

test('the score is the share that passed; what could not be judged did not pass, and nothing judged is no score', () => {
  const of = (...classes: readonly KayentaClass[]) => kayentaScore(classes.map((one) => ({ class: one })))
  expect(of('pass', 'pass', 'high')).toBe(66.67)
  expect(of('pass', 'noData')).toBe(50)
  expect(of('noData', 'refused')).toBeNull()
  expect(
    kayentaScore([
      { class: 'pass', weight: 3 },
      { class: 'low', weight: 1 },
    ]),
  ).toBe(75)
  expect(kayentaScore([])).toBeNull()
})

test('a shift turns its sign with the samples, and moves with them', () => {
  const [x, y] = [
    [1.5, 2.5, 7, 3, 9, 4.5],
    [2, 6, 1, 0.5, 3.25],
  ]
  const there = shiftOf(x, y, 0.9)
  const back = shiftOf(y, x, 0.9)
  expect(back.estimate).toBeCloseTo(-there.estimate, 12)
  expect(
    shiftOf(
      x.map((value) => value + 10),
      y,
      0.9,
    ).low,
  ).toBeCloseTo(there.low + 10, 12)
  expect(there.low).toBeLessThanOrEqual(there.estimate)
  expect(there.high).toBeGreaterThanOrEqual(there.estimate)
})
