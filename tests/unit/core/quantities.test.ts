import {
  parseAmount,
  parseBoolean,
  parseChoice,
  parseDurationMs,
  parseList,
  parseRate,
  parseSample,
  parseShard,
  parseTimeMs,
  parseWhole,
} from '@agent-ci/core/quantities'
import { describe, expect, test } from '@jest/globals'

const origin = { name: 'x' }

describe('a rate', () => {
  test.each([
    ['0.85', 0.85],
    ['85%', 0.85],
    [' 85 % ', 0.85],
    ['7%', 0.07],
    ['100%', 1],
    ['0', 0],
    ['.5', 0.5],
    ['1', 1],
  ])('%s is %f', (text, value) => {
    expect(parseRate(text, origin)).toBe(value)
  })
  test.each(['85', '-0.1', '101%', 'high', '', '0,85', '0x1', 'NaN', 'Infinity', '1e999'])('%s is refused', (text) => {
    expect(() => parseRate(text, origin)).toThrow(
      /^x is ".*"\. Expected a fraction from 0 to 1 or a percentage\. Write for example x: 0\.85\.$/,
    )
  })
})

describe('a duration', () => {
  test.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1.5h', 5_400_000],
    ['1h30m', 5_400_000],
    ['1h 30m', 5_400_000],
    ['2d', 172_800_000],
  ])('%s is %i ms', (text, ms) => {
    expect(parseDurationMs(text, origin)).toBe(ms)
  })
  test('a bare number needs a unit, unless the name has one', () => {
    expect(() => parseDurationMs('30', origin)).toThrow(/a duration such as/)
    expect(parseDurationMs('30', origin, 'ms')).toBe(30)
    expect(parseDurationMs('30', origin, 's')).toBe(30_000)
  })
  test.each(['fast', '5 minutes', '-5s', '5s5', 's', ''])('%s is refused', (text) => {
    expect(() => parseDurationMs(text, origin, 'ms')).toThrow(/Expected a duration/)
  })
})

test('a time is more than 0, and no more than a timer can wait', () => {
  expect(parseTimeMs('0.5s', origin)).toBe(500)
  for (const text of ['0', '0s', '25d'])
    expect(() => parseTimeMs(text, origin, 's')).toThrow(/a time of more than 0 and at most 24 days/)
})

test('whole numbers keep to their range', () => {
  expect(parseWhole('5', origin, 1)).toBe(5)
  for (const text of ['0', '1.5', '-1', 'x', '', '1e3', '5x'])
    expect(() => parseWhole(text, origin, 1, 9)).toThrow(/a whole number from 1 to 9/)
})

test('amounts are at least 0 and finite', () => {
  expect(parseAmount('1.50', origin)).toBe(1.5)
  for (const text of ['-1', 'x', '', '1e999']) expect(() => parseAmount(text, origin)).toThrow(/a number of at least 0/)
})

test('a choice names the choices', () => {
  expect(parseChoice('b', origin, ['a', 'b'])).toBe('b')
  expect(() => parseChoice('c', origin, ['a', 'b'])).toThrow(/one of a, b/)
})

test('a boolean is true or false in any case', () => {
  expect(parseBoolean('TRUE', origin)).toBe(true)
  expect(parseBoolean('false', origin)).toBe(false)
  expect(() => parseBoolean('yes', origin)).toThrow(/true or false/)
})

test('lists are split at lines and commas', () => {
  expect(parseList('a, b\n c\n\n,d')).toEqual(['a', 'b', 'c', 'd'])
})

test('a sample is a count or a share', () => {
  expect(parseSample('8', origin)).toEqual({ count: 8 })
  expect(parseSample('10%', origin)).toEqual({ share: 0.1 })
  expect(() => parseSample('0', origin)).toThrow(/at least 1/)
})

test('a shard is index/count', () => {
  expect(parseShard('2/8', origin)).toEqual({ index: 2, of: 8 })
  for (const text of ['0/8', '9/8', '2', '2/', 'a/b']) expect(() => parseShard(text, origin)).toThrow(/a shard/)
})
