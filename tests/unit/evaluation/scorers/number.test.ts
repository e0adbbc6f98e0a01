import { lastNumber } from '@agent-ci/evaluation/scorers/number-in-text'
import { describe, expect, test } from '@jest/globals'
import fc from '../../../properties.ts'
import { example, judge, scorerOf } from './fixtures.ts'

describe('the last number of a text', () => {
  test.each([
    ['42', 42],
    ['It is 42.', 42],
    ['First 1, then 2', 2],
    ['1,234.5', 1234.5],
    ['1,234', 1234],
    ['1,234,567.89', 1234567.89],
    ['12,34,567', 1234567],
    ['1.234,5', 1234.5],
    ['1.234.567', 1234567],
    ['1.234', 1.234],
    ['12,5 kg', 12.5],
    ["1'234'567.5", 1234567.5],
    ['10\u202f000', 10000],
    ['10\u00a0000,5', 10000.5],
    ["5'3", 3],
    ['1e3', 1000],
    ['2.5E-3', 0.0025],
    ['-7', -7],
    ['is -7', -7],
    ['is \u22127', -7],
    ['+7', 7],
    ['$1,234.50', 1234.5],
    ['-$5', -5],
    ['12 €', 12],
    ['.5', 0.5],
    ['maybe...5', 5],
    ['5kg', 5],
    ['GPT4 says 3, see RFC2119', 3],
    ['2024-01-05', 5],
    ['10-20', 20],
    ['5 - 3 = 2', 2],
    ['1,2,3', 3],
    ['version 1.2.3 of', 3],
    ['[1,2.5]', 2.5],
    ['01.02.2024', 2024],
    ['1e999', Number.POSITIVE_INFINITY],
  ])('%s is %s', (text, value) => {
    expect(lastNumber(text)).toEqual({ value, percent: false })
  })

  test.each([
    ['85%', 85],
    ['85 %', 85],
    ['about 12.5 percent of it', 12.5],
    ['7 per cent', 7],
  ])('%s is a percentage', (text, value) => {
    expect(lastNumber(text)).toEqual({ value, percent: true })
  })

  test.each(['', 'none', 'NaN', 'Infinity', 'H2O', '...', '-', ',,,'])('there is none in "%s"', (text) => {
    expect(lastNumber(text)).toBeUndefined()
  })

  test('any text gives a number that is not NaN, or none', () => {
    const digits = fc.string({ unit: fc.constantFrom(..."0123456789.,-+eE%$ \u00a0'x") })
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), digits), (text) => {
        expect(lastNumber(text)?.value).not.toBeNaN()
      }),
      { numRuns: 2_000 },
    )
  })

  test('what JavaScript writes is read back', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
        (value) => {
          expect(lastNumber(`It is ${value}.`)?.value).toBe(value)
        },
      ),
    )
  })

  test.each([
    ['digits', '1'.repeat(500_000)],
    ['groups', '1,'.repeat(250_000)],
    ['numbers', '1 '.repeat(250_000)],
    ['points', `1${'.'.repeat(500_000)}`],
    ['signs', '-'.repeat(500_000)],
  ])('half a million characters of %s are read in linear time', (_, text) => {
    const started = performance.now()
    lastNumber(text)
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})

describe('number', () => {
  test.each([
    ['the expected number', {}, 42, 'It is 42.', true],
    ['another number', {}, 42, 'It is 43.', false],
    ['the last number of the expected text', {}, 'So the total is 1,234', '1234', true],
    ['one of several accepted numbers', {}, [41, 42], '42', true],
    ['within the absolute tolerance', { tolerance: 0.1 }, 1, '1.1', true],
    ['beyond the absolute tolerance', { tolerance: 0.1 }, 1, '1.11', false],
    ['within the relative tolerance', { tolerance: 0.01, relative: true }, -200, '-202', true],
    ['beyond the relative tolerance', { tolerance: 0.01, relative: true }, -200, '-202.1', false],
    ['exactly at the relative tolerance', { tolerance: 0.29, relative: true }, 100, '129', true],
    ['whole numbers have no rounding', {}, 9007199254740991, '9007199254740990', false],
    ['0.1 + 0.2', {}, 0.3, '0.30000000000000004', true],
    ['no number in the answer', {}, 42, 'forty-two', false],
    ['an infinite number', { tolerance: 1e308 }, 42, '1e999', false],
    ['a percentage for a share', {}, 0.85, '85%', true],
    ['a share for a percentage', {}, '85%', '0.85', true],
    ['a number for a percentage', {}, 85, '85%', true],
    ['a percentage for a number', {}, '85%', '85', true],
    ['percentages', {}, '12.3%', '12.3 percent', true],
    ['one percent is not one', {}, 1, '1%', false],
    ['more than a whole', {}, 1.5, '150%', true],
    ['the tolerance is in the expected unit', { tolerance: 1 }, '85%', '0.86', true],
    ['the tolerance is in the expected unit, a share', { tolerance: 0.01 }, 0.85, '87%', false],
  ])('%s', async (_, settings, expected, output, passed) => {
    expect((await judge({ type: 'number', ...settings }, expected, output)).passed).toBe(passed)
  })

  test('an expected text without a number measures nothing', async () => {
    expect(await judge('number', 'many', '5')).toMatchObject({
      value: null,
      reason: 'There is no number in the expected "many".',
    })
  })

  test('says what was found', async () => {
    expect((await judge('number', 42, 'It is 43%')).reason).toBe('Expected "42", found 43%.')
  })

  test('applies where an answer is expected', async () => {
    const scorer = await scorerOf('number')
    expect(scorer.appliesTo(example({ expected: 5 }))).toBe(true)
    expect(scorer.appliesTo(example())).toBe(false)
    expect(scorer.appliesTo(example({ expected: { a: 5 } }))).toBe(false)
  })
})
