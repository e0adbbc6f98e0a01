import { heldDigest } from '@agent-ci/core/nightly/comparable'
import { confirm } from '@agent-ci/core/nightly/confirm'
import { detect } from '@agent-ci/core/nightly/detect'
import { confirmedBefore, type KeptFinding } from '@agent-ci/core/nightly/kept-finding'
import type { Night } from '@agent-ci/core/nightly/night'
import { seriesId, seriesOf } from '@agent-ci/core/nightly/series'
import { expect, test } from '@jest/globals'
import { dateOf, nightOf } from './nights.ts'

const SCATTER = [0.9, 0.92, 0.88, 0.91, 0.89, 0.93, 0.9, 0.87, 0.9, 0.92, 0.89, 0.91, 0.9, 0.88]
const GOOD = SCATTER.map((value, at) => nightOf(at + 1, value))
const KEY = { dataset: 'golden', model: 'claude-haiku', prompts: null, metric: 'accuracy' }
const CONFIRMED = {
  ...{ night: dateOf(15), value: 0.75, n: 100, p: 0.0001, baseline_from: dateOf(1), held: '' },
  cause: 'us' as const,
}

const look = (last: readonly Night[], confirmed = CONFIRMED) => {
  const nights = [...GOOD, ...last]
  return detect(seriesOf(nights), {
    night: nights.at(-1)!.night,
    confirmed: new Map([[seriesId(KEY), confirmed]]),
  })
}
const lasts = (value: number, more: Partial<typeof CONFIRMED> = {}) =>
  look([...[15, 16, 17, 18].map((night) => nightOf(night, 0.75)), nightOf(19, value)], { ...CONFIRMED, ...more })

test('a confirmed regression that is as it was is regressed without a re-run, with its cause', () => {
  const detection = lasts(0.76)
  expect(detection.reruns).toEqual([])
  expect(detection.flagged.size).toBe(0)
  expect(confirm(detection, [])[0]).toMatchObject({
    state: 'regressed',
    confirmed: null,
    cause: 'us',
    reason: expect.stringContaining(
      `not run again: it is where the re-run of ${dateOf(15)} found it (0.750, n 100, p 0.0001), and people were told`,
    ),
  })
})

test.each([
  ['that got worse', 0.5, {}],
  ['that got better', 0.88, {}],
  ['that seems to be over', 0.9, {}],
  ['below another baseline', 0.75, { baseline_from: dateOf(3) }],
])('one %s is run again', (_, value, more) => {
  const detection = lasts(value, more)
  expect(detection.lasting.size).toBe(0)
  expect(detection.reruns).toHaveLength(1)
})

test('only what people were told of counts, and only while prompts, configuration, model and tools are the same', () => {
  const tonight = nightOf(16, 0.75)
  const { cause, ...confirmed } = CONFIRMED
  const keptOf = (held: string): KeptFinding => ({
    ...{ schema_version: 1, ...KEY, night: dateOf(15), state: 'regressed', cause, incident: 'opened' },
    confirmed: { ...confirmed, held },
    finished_at: `${dateOf(15)}T03:00:00Z`,
  })
  const known = (night: Night, told = true) => confirmedBefore([keptOf(heldDigest(tonight))], [night], () => told).size
  expect(known(tonight)).toBe(1)
  expect(known(tonight, false)).toBe(0)
  expect(known({ ...tonight, fingerprint: { ...tonight.fingerprint, code: 'another commit' } })).toBe(1)
  for (const part of ['prompts', 'config', 'model', 'tools'])
    expect(known({ ...tonight, fingerprint: { ...tonight.fingerprint, [part]: 'other' } })).toBe(0)
  expect(known({ ...tonight, dataset: 'another' })).toBe(0)
})
