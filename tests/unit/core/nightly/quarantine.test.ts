import { flipRates } from '@agent-ci/core/nightly/flip-rates'
import type { Night } from '@agent-ci/core/nightly/night'
import {
  activeEntries,
  NO_QUARANTINE,
  quarantinedExamples,
  quarantineSchema,
  updateQuarantine,
} from '@agent-ci/core/nightly/quarantine'
import { seededRandom } from '@agent-ci/core/random'
import { flipTail } from '@agent-ci/core/statistics/flip-tail'
import { describe, expect, test } from '@jest/globals'
import { dateOf, NIGHT, nightOf } from './nights.ts'

type Imperfect = Night['imperfect']
const nights = (count: number, imperfectOf: (at: number) => Imperfect, more: Partial<Night> = {}, from = 1) =>
  Array.from({ length: count }, (_, at) => nightOf(from + at, 0.9, { imperfect: imperfectOf(at), ...more }))

describe('flip rates', () => {
  test('a coin flips, an example that always fails does not, and a change that lasts is one flip', () => {
    const observed = nights(21, (at) => ({
      ...(at % 2 === 0 && { coin: [0, 1] as [number, number] }),
      broken: [0, 1],
      ...(at >= 10 && { changed: [0, 1] as [number, number] }),
    }))
    expect(flipRates(observed)).toMatchObject([
      { dataset: 'golden', id: 'coin', rate: 1, pairs: 20 },
      { dataset: 'golden', id: 'changed', rate: 1 / 20, pairs: 20 },
      { dataset: 'golden', id: 'broken', rate: 0, pairs: 20 },
    ])
  })

  test('repeats of a night count by their share', () => {
    const observed = nights(11, () => ({ half: [2, 4] }), { repeats: 4 })
    expect(flipRates(observed)).toMatchObject([{ dataset: 'golden', id: 'half', rate: 0.5, pairs: 10 }])
  })

  test('nights with other prompts, another judge or another arm are no A/A pairs', () => {
    const flip = (at: number): Imperfect => (at % 2 === 0 ? { coin: [0, 1] } : {})
    for (const part of ['prompts', 'config', 'scorers', 'dataset']) {
      const observed = nights(10, flip).map((night, at) => ({
        ...night,
        fingerprint: { ...NIGHT.fingerprint, [part]: String(Math.floor(at / 5)) },
      }))
      expect(flipRates(observed)[0]?.pairs).toBe(8)
    }
    const commits = nights(10, flip).map((night, at) => ({
      ...night,
      fingerprint: { ...NIGHT.fingerprint, code: `${at}` },
    }))
    expect(flipRates(commits)[0]?.pairs).toBe(9)
  })

  test('a night that errored, or in which the example was not measured, makes no pair', () => {
    const observed = nights(10, (at) => ({ x: at === 4 ? [0, 0] : [at % 2, 1] }))
    observed[8] = { ...observed[8]!, verdict: 'errored' }
    expect(flipRates(observed)[0]).toMatchObject({ id: 'x', pairs: 6 })
  })
})

describe('the quarantine', () => {
  const flaky = (at: number): Imperfect => (at % 2 === 0 ? { coin: [0, 1] } : {})
  const owner = (_: string, id: string) => `owner of ${id}`

  test('takes what flips, with an owner and an expiry', () => {
    const { next, added, gates } = updateQuarantine(NO_QUARANTINE, nights(8, flaky), { night: dateOf(8), owner })
    const entry = {
      dataset: 'golden',
      id: 'coin',
      flip_rate: 1,
      owner: 'owner of coin',
      since: '2026-01-08',
      until: '2026-02-07',
    }
    expect(added).toEqual([entry])
    expect(quarantineSchema.parse(next)).toEqual({ schema_version: 1, entries: [entry] })
    expect(gates).toEqual([
      {
        dataset: 'golden',
        passed: true,
        reason: expect.stringMatching(/^1 of 100 examples flip .*; 10 may be quarantined$/),
      },
    ])
    expect(activeEntries(next, '2026-02-06')).toEqual([entry])
    expect(activeEntries(next, '2026-02-07')).toEqual([])
    expect(quarantinedExamples(next, '2026-02-06')).toEqual(new Map([['golden', new Set(['coin'])]]))
    expect(quarantinedExamples(next, '2026-02-07')).toEqual(new Map())
  })

  test('waits for nights enough', () => {
    expect(updateQuarantine(NO_QUARANTINE, nights(7, flaky), { night: dateOf(7) }).added).toEqual([])
  })

  test('an entry is not made again while it holds; expired, it comes back only for what the example did since', () => {
    const observed = nights(60, flaky)
    const { next } = updateQuarantine(NO_QUARANTINE, observed.slice(0, 8), { night: dateOf(8) })
    expect(updateQuarantine(next, observed.slice(0, 20), { night: dateOf(20) })).toMatchObject({
      added: [],
      expired: [],
    })
    const [entry] = next.entries
    const after = updateQuarantine(next, observed.slice(0, 40), { night: dateOf(40) })
    expect(after).toMatchObject({ added: [], expired: [entry] })
    expect(after.next.entries).toEqual([entry])
    const again = updateQuarantine(after.next, observed.slice(0, 46), { night: dateOf(46) })
    expect(again.added).toMatchObject([{ id: 'coin', since: dateOf(46) }])
    expect(again.next.entries).toHaveLength(1)
  })

  test('holds the worst first, and its number is gated', () => {
    // Twelve that flip, of a hundred of which ten may: those with the higher rates are taken.
    const observed = nights(20, (at) =>
      Object.fromEntries(
        Array.from({ length: 12 }, (_, i) => [`e${i}`, [at % 2 === 0 && at < 20 - i ? 0 : 1, 1] as [number, number]]),
      ),
    )
    const { added, gates } = updateQuarantine(NO_QUARANTINE, observed, { night: dateOf(20) })
    expect(added).toHaveLength(10)
    expect(Math.min(...added.map(({ flip_rate }) => flip_rate))).toBeGreaterThanOrEqual(10 / 19)
    expect(gates[0]).toMatchObject({
      passed: false,
      reason: expect.stringMatching(/^12 of 100 .*10 may be quarantined: mend/),
    })
  })

  test('leaves alone what errs now and then as all others do, however small its own sample', () => {
    const random = seededRandom('quarantine')
    const observed = nights(14, (at) =>
      Object.fromEntries(
        Array.from({ length: 100 }, (_, i) => i)
          .filter((i) => (i === 0 ? at % 2 === 0 : random() < 0.05))
          .map((i) => [`e${i}`, [0, 1] as [number, number]]),
      ),
    )
    const often = flipRates(observed).filter(({ rate }) => rate >= 0.2)
    expect(often.length).toBeGreaterThan(5)
    expect(updateQuarantine(NO_QUARANTINE, observed, { night: dateOf(14) }).added.map(({ id }) => id)).toEqual(['e0'])
  })

  test('a night that was bad for all makes nobody flaky, and neither does a drop that lasts', () => {
    const bad = (ids: number, from: number) =>
      Object.fromEntries(Array.from({ length: ids }, (_, i) => [`e${from + i}`, [0, 1] as [number, number]]))
    const observed = nights(14, (at) => ({ ...(at === 4 || at === 9 ? bad(40, 0) : {}), ...(at > 6 && bad(15, 50)) }))
    expect(updateQuarantine(NO_QUARANTINE, observed, { night: dateOf(14) }).added).toEqual([])
  })

  test('of a set that is flaky as a whole takes as many as are allowed, and says so', () => {
    const random = seededRandom('all flaky')
    const observed = nights(28, () =>
      Object.fromEntries(
        Array.from({ length: 100 }, (_, i) => [`e${i}`, [random() < 0.5 ? 0 : 1, 1] as [number, number]]),
      ),
    )
    const { added, gates } = updateQuarantine(NO_QUARANTINE, observed, { night: dateOf(28) })
    expect(added).toHaveLength(10)
    expect(gates[0]?.passed).toBe(false)
  })

  test('takes nothing from a dataset that is closed, and counts what it would have taken', () => {
    const closed = new Set(['golden'])
    const update = updateQuarantine(NO_QUARANTINE, nights(8, flaky), { night: dateOf(8), closed })
    expect(update).toMatchObject({ added: [], refused: 1, next: NO_QUARANTINE })
  })
})

test('the chance of flips is that of counting all courses of events', () => {
  const failure = 0.1
  const night = { runs: 1, failure }
  const tail = flipTail([[night, night, night, night]])
  const counted = new Array<number>(4).fill(0)
  for (let course = 0; course < 16; course++) {
    const fails = [0, 1, 2, 3].map((at) => (course >> at) & 1)
    const flips = fails.slice(1).filter((each, at) => each !== fails[at]).length
    counted[flips]! += fails.reduce((chance, each) => chance * (each ? failure : 1 - failure), 1)
  }
  for (let flips = 0; flips < 4; flips++)
    expect(tail[16 * flips]).toBeCloseTo(
      counted.slice(flips).reduce((sum, chance) => sum + chance, 0),
      12,
    )
  const twice = flipTail([
    [night, night],
    [night, night],
  ])
  const pair = 2 * failure * (1 - failure)
  expect(twice[32]).toBeCloseTo(pair ** 2, 12)
})
