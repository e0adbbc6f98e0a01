import { ConfigurationError } from '@agent-ci/core/errors'
import type { ReleaseRecord } from '@agent-ci/delivery/releases/history/record'
import { chooseTarget, type TargetWish, type Whereabouts } from '@agent-ci/delivery/rollout/target'
import { describe, expect, test } from '@jest/globals'
import { failed, record, release, wayBack } from '../records.ts'

/** `from -> to` as the versions of the releases, or why there is none. */
function chosen(records: ReleaseRecord[], now: Partial<Whereabouts> = {}, wish: Partial<TargetWish> = {}): string {
  const whereabouts = { current: records.findLast(({ verified }) => verified)?.sequence, underway: undefined, ...now }
  const target = chooseTarget(records, whereabouts, { to: '', stepsBack: 1, ...wish })
  if (!target.record) return target.why
  return `${target.withdrawn?.release.version} -> ${target.record.release.version} (#${target.record.sequence})`
}

describe('without a wish', () => {
  test.each<[string, ReleaseRecord[], string]>([
    ['the last verified release before the newest', [record(1), record(2), record(3)], '1.0.3 -> 1.0.2 (#2)'],
    ['failed deploys between are passed over', [record(1), failed(2), failed(3), record(4)], '1.0.4 -> 1.0.1 (#1)'],
    [
      'a failed deploy that was taken back by itself is not what is withdrawn',
      [record(1), record(2), failed(3)],
      '1.0.2 -> 1.0.1 (#1)',
    ],
    [
      'after a rollback the same again: asked for twice, it goes back once',
      [record(1), record(2), record(3), wayBack(4, 3, 2)],
      '1.0.3 -> 1.0.2 (#2)',
    ],
    [
      'a release that was taken back since is passed over',
      [record(1), record(2), wayBack(3, 2, 1), record(4, 3)],
      '1.0.3 -> 1.0.1 (#3)',
    ],
    [
      'one that was taken back and deployed again with success is not',
      [record(1), record(2), wayBack(3, 2, 1), record(4, 2), record(5, 3)],
      '1.0.3 -> 1.0.2 (#4)',
    ],
    [
      'a rollback that failed took nothing back',
      [record(1), record(2), wayBack(3, 2, 1, false), record(4, 3)],
      '1.0.3 -> 1.0.2 (#2)',
    ],
    ['the same release deployed again is one release', [record(1), record(2), record(3, 2)], '1.0.2 -> 1.0.1 (#1)'],
    ['an adopted app is a release like others', [record(1, 1, { type: 'adopted' }), record(2)], '1.0.2 -> 1.0.1 (#1)'],
    ['no history', [], 'the history of this app has no release yet'],
    [
      'one release only',
      [record(1)],
      `the history has no verified release before ${release(1).id} that was not taken back itself`,
    ],
    [
      'only failed ones before',
      [failed(1), record(2)],
      `the history has no verified release before ${release(2).id} that was not taken back itself`,
    ],
  ])('%s', (_, records, expected) => {
    expect(chosen(records)).toBe(expected)
  })

  test('from a deploy that was cut off: the release before it', () => {
    const cutOff = record(3, 3, { verified: false, end: null })
    expect(chosen([record(1), record(2), cutOff], { current: 2, underway: 3 })).toBe('1.0.3 -> 1.0.2 (#2)')
  })

  test('from a release that runs although its rollout failed: the last verified one', () => {
    expect(chosen([record(1), failed(2)], { current: 2 })).toBe('1.0.2 -> 1.0.1 (#1)')
  })

  test('with a pruned history: the newest verified record that is left', () => {
    expect(chosen([record(40), record(41), failed(90), record(91)])).toBe('1.0.91 -> 1.0.41 (#41)')
  })
})

describe('steps-back', () => {
  const records = [record(1), failed(2), record(3), record(4), record(5)]

  test.each([
    [1, '1.0.5 -> 1.0.4 (#4)'],
    [2, '1.0.5 -> 1.0.3 (#3)'],
    [3, '1.0.5 -> 1.0.1 (#1)'],
    [4, `the history has only 3 verified releases before ${release(5).id} that were not taken back themselves`],
  ])('%i', (stepsBack, expected) => {
    expect(chosen(records, {}, { stepsBack })).toBe(expected)
  })

  test('counts from the release deployed last, not from what runs since a rollback', () => {
    expect(chosen([...records, wayBack(6, 5, 4)], {}, { stepsBack: 2 })).toBe('1.0.5 -> 1.0.3 (#3)')
  })
})

describe('to', () => {
  const records = [record(1), failed(2), record(3), record(4)]

  test.each([
    ['an id', release(3).id, '1.0.4 -> 1.0.3 (#3)'],
    ['a number', '1', '1.0.4 -> 1.0.1 (#1)'],
    ['a version', '1.0.3', '1.0.4 -> 1.0.3 (#3)'],
    ['a release that was never verified', '1.0.2', '1.0.4 -> 1.0.2 (#2)'],
    ['the newest itself', '1.0.4', '1.0.4 -> 1.0.4 (#4)'],
  ])('%s', (_, to, expected) => {
    expect(chosen(records, {}, { to })).toBe(expected)
  })

  test('of several records of a release the newest verified one', () => {
    expect(chosen([record(1), record(2), wayBack(3, 2, 1), failed(4, 1)], {}, { to: '1.0.1' })).toBe(
      '1.0.2 -> 1.0.1 (#3)',
    )
  })

  test('a number is that of a record before it is a version', () => {
    const third = record(3, 3, { release: release(3, { version: '1' }) })
    expect(chosen([record(1), record(2), third], {}, { to: '1' })).toBe('1 -> 1.0.1 (#1)')
  })

  test('an unknown one is refused with the nearest', () => {
    const wrong = `${release(3).id.slice(0, -1)}x`
    const refusal = () => chosen(records, {}, { to: wrong })
    expect(refusal).toThrow(ConfigurationError)
    expect(refusal).toThrow(
      `to is "${wrong}", and the history has no such release. Expected the id of a release (r-…), the number of a record or a version. Did you mean "${release(3).id}"?`,
    )
  })

  test('without a history it says so', () => {
    expect(() => chosen([], {}, { to: 'x' })).toThrow('Deploy a release first.')
  })
})
