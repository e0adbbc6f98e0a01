import {
  countOf,
  formatChange,
  formatCount,
  formatDuration,
  formatMoment,
  formatMs,
  formatPercent,
  formatPoints,
  formatThreshold,
  formatUsd,
  formatValue,
} from '@agent-ci/reporting/numbers'
import { describe, expect, test } from '@jest/globals'

describe('numbers for people', () => {
  test.each([
    [0, '0 ms'],
    [0.42, '0.4 ms'],
    [9.96, '10 ms'],
    [340.4, '340 ms'],
    [999.4, '999 ms'],
    [999.5, '1.0 s'],
    [1_234, '1.2 s'],
    [59_949, '59.9 s'],
    [59_950, '1 min 0 s'],
    [125_400, '2 min 5 s'],
    [36_000_000, '600 min 0 s'],
  ])('%d ms is %s', (ms, text) => expect(formatMs(ms)).toBe(text))

  test.each([
    [80, '+80 ms'],
    [-80, '−80 ms'],
    [0, '0 ms'],
  ])('a change of %d ms is %s', (ms, text) => expect(formatChange(ms, formatMs)).toBe(text))

  test.each([
    [0.0667, '6.7'],
    [0.00049, '0.05'],
    [0.000004, '0.0004'],
    [0, '0.0'],
  ])('a share of %d is %s points', (share, text) => expect(formatPoints(share)).toBe(text))

  test.each([
    ['2026-11-19T17:31:08.211Z', '2026-11-19 17:31:08 UTC'],
    ['2026-11-19T17:31:08Z', '2026-11-19 17:31:08 UTC'],
    ['yesterday', 'yesterday'],
  ])('the time %s is %s', (iso, text) => expect(formatMoment(iso)).toBe(text))

  test.each([
    [400, '0 s'],
    [12_400, '12 s'],
    [59_600, '1 min 0 s'],
    [185_000, '3 min 5 s'],
    [3_599_600, '1 h 0 min'],
    [7_440_000, '2 h 4 min'],
  ])('a duration of %d ms is %s', (ms, text) => expect(formatDuration(ms)).toBe(text))

  test.each([
    [0, '$0'],
    [0.0123, '$0.0123'],
    [0.000012, '$0.000012'],
    [0.5, '$0.5000'],
    [1, '$1.00'],
    [12_345.678, '$12,345.68'],
  ])('%d dollars are %s', (usd, text) => expect(formatUsd(usd)).toBe(text))

  test.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1,000'],
    [1_234_567, '1,234,567'],
    [1_234.5678, '1,234.5678'],
  ])('%d is counted as %s', (count, text) => expect(formatCount(count)).toBe(text))

  test('a percentage has one decimal', () => expect(formatPercent(11 / 12)).toBe('91.7 %'))
  test('a noun has its plural', () =>
    expect([countOf(1, 'example'), countOf(0, 'example')]).toEqual(['1 example', '0 examples']))
  test('what was not measured is unknown, never 0', () => expect(formatValue(null, 'usd')).toBe('unknown'))
  test('what is zero is zero', () => expect(formatValue(0, 'fraction')).toBe('0.000'))
})

describe('a value beside its threshold', () => {
  test.each([
    [0.917, 'fraction', 0.85, '0.917'],
    [0.8496, 'fraction', 0.85, '0.8496'],
    [0.8499999, 'fraction', 0.85, '0.8499999'],
    [0.85, 'fraction', 0.85, '0.850'],
    [0.8496, 'fraction', 0.8499, '0.8496'],
    [5_003, 'ms', 5_000, '5.003 s'],
    [5_300, 'ms', 5_000, '5.3 s'],
    [60_001, 'ms', 60_000, '1 min 0.001 s'],
    [500.2, 'ms', 500, '500.2 ms'],
    [2.001, 'usd', 2, '$2.001'],
    [10_000.4, 'tokens', 10_000, '10,000.4'],
  ] as const)('%d %s against %d reads %s', (value, unit, threshold, text) => {
    expect(formatValue(value, unit, threshold)).toBe(text)
  })

  test.each([
    [0.85, 'fraction', '0.85'],
    [0.123456, 'fraction', '0.123456'],
    [500, 'ms', '500 ms'],
    [1_500, 'ms', '1.5 s'],
    [2, 'usd', '$2'],
    [1_000_000, 'tokens', '1,000,000'],
  ] as const)('the threshold %d %s is printed as it was written: %s', (threshold, unit, text) => {
    expect(formatThreshold(threshold, unit)).toBe(text)
  })
})
