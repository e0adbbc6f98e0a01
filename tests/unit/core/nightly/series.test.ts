import { comparableDifference, comparableDigest } from '@agent-ci/core/nightly/comparable'
import { seriesOf } from '@agent-ci/core/nightly/series'
import { expect, test } from '@jest/globals'
import { dateOf, NIGHT, nightOf } from './nights.ts'

const valuesOf = (nights: Parameters<typeof seriesOf>[0], choice?: Parameters<typeof seriesOf>[1]) =>
  seriesOf(nights, choice).map(({ key, points }) => [key.metric, points.map(({ value }) => value)])

test('a series is a dataset, a model, a set of prompts and a metric; its nights are in order', () => {
  const nights = [
    nightOf(2, 0.8),
    nightOf(1, 0.9),
    nightOf(1, 0.7, { model: 'other' }),
    nightOf(1, 0.6, { prompts: 'b' }),
  ]
  expect(seriesOf(nights).map(({ key, points }) => [key.model, key.prompts, points.map(({ value }) => value)])).toEqual(
    [
      ['claude-haiku', null, [0.9, 0.8]],
      ['other', null, [0.7]],
      ['claude-haiku', 'b', [0.6]],
    ],
  )
})

test('the control arm is no part of the current series, and can be asked for', () => {
  const nights = [nightOf(1, 0.9), nightOf(1, 0.5, { arm: 'control' })]
  expect(valuesOf(nights)).toEqual([['accuracy', [0.9]]])
  expect(valuesOf(nights, { arm: 'control' })).toEqual([['accuracy', [0.5]]])
})

test('of several runs in a night the last that measured counts', () => {
  const at = (hour: number) => ({ finished_at: `${dateOf(1)}T0${hour}:00:00Z` })
  expect(valuesOf([nightOf(1, 0.8, at(4)), nightOf(1, 0.9, at(3)), nightOf(1, null, at(5))])).toEqual([
    ['accuracy', [0.8]],
  ])
  expect(valuesOf([nightOf(1, null, at(3)), nightOf(1, 0.9, at(4))])).toEqual([['accuracy', [0.9]]])
})

test('a night that errored measured nothing, whatever it holds', () => {
  const nights = [nightOf(1, 0.9), nightOf(2, 0.2, { verdict: 'errored' })]
  expect(seriesOf(nights)[0]?.points.map(({ value, n }) => [value, n])).toEqual([
    [0.9, 100],
    [null, 0],
  ])
})

test('only followed metrics are series, and names that are none are left out', () => {
  const metrics = { accuracy: { value: 0.9, n: 10 }, tokens_input: { value: 9, n: 10 }, nonsense: { value: 1, n: 1 } }
  const night = nightOf(1, 0.9, { metrics })
  expect(valuesOf([night])).toEqual([['accuracy', [0.9]]])
  expect(valuesOf([night], { metrics: ['tokens_input', 'nonsense', '__proto__'] })).toEqual([['tokens_input', [9]]])
})

test('examples that do not count are taken out of the accuracy of every night', () => {
  const nights = [
    nightOf(1, 0.96, { imperfect: { flaky: [0, 1], b: [0, 1], c: [0, 1], d: [0, 1] } }),
    nightOf(2, 0.97, { imperfect: { b: [0, 1], c: [0, 1], d: [0, 1] } }),
  ]
  const without = new Map([['golden', new Set(['flaky'])]])
  const [series] = seriesOf(nights, { without })
  expect(series?.points.map(({ value, n }) => [value, n])).toEqual([
    [expect.closeTo(96 / 99, 12), 99],
    [expect.closeTo(96 / 99, 12), 99],
  ])
})

test('nights are comparable over prompts, code and configuration, not over dataset, judge and answering model', () => {
  const digest = comparableDigest(NIGHT)
  const changed = (fingerprint: object, more: object = {}) =>
    comparableDifference(
      digest,
      comparableDigest({ ...NIGHT, ...more, fingerprint: { ...NIGHT.fingerprint, ...fingerprint } }),
    )
  expect(changed({ prompts: 'x', code: 'x', config: 'x', model: 'x' })).toEqual([])
  expect(changed({ dataset: 'x' })).toEqual(['the dataset'])
  expect(changed({ scorers: 'x' }, { answered: ['claude-haiku-4-6'] })).toEqual([
    'the scorers or the judge',
    'the model id that answered',
  ])
  expect(changed({}, { answered: [...NIGHT.answered, ...NIGHT.answered] })).toEqual([])
})
