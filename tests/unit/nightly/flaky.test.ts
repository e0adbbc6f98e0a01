import { findFlaky } from '@agent-ci/action-nightly-eval/flaky'
import type { NightlySettings } from '@agent-ci/action-nightly-eval/settings'
import type { Finding } from '@agent-ci/core/nightly/finding'
import { NO_QUARANTINE } from '@agent-ci/core/nightly/quarantine'
import { expect, test } from '@jest/globals'
import { dateOf, nightOf } from '../core/nightly/nights.ts'

const NIGHTS = Array.from({ length: 8 }, (_, at) =>
  nightOf(at + 1, 0.9, { imperfect: at % 2 === 0 ? { coin: [0, 1] } : {} }),
)
const SETTINGS = { quarantine: { owner: null, settings: {} } } as Pick<NightlySettings, 'quarantine'>

const found = (dataset: string, state: Finding['state']) =>
  findFlaky(
    { nights: NIGHTS.slice(0, 7), quarantine: NO_QUARANTINE },
    NIGHTS.slice(7),
    dateOf(8),
    [{ dataset, state } as Finding],
    SETTINGS,
  )

test('what flips comes into quarantine, and is told', () => {
  const { quarantined, notes, next } = found('golden', 'steady')
  expect(quarantined).toMatchObject([{ id: 'coin' }])
  expect(notes).toEqual([expect.stringContaining('1 example came into quarantine')])
  expect(next?.(NO_QUARANTINE).entries).toHaveLength(1)
})

test.each(['regressed', 'suspect'] as const)('nothing of a dataset that is %s, and that is told', (state) => {
  const { quarantined, notes, next } = found('golden', state)
  expect(quarantined).toEqual([])
  expect(next).toBeUndefined()
  expect(notes).toEqual(['1 flaky example did not come into quarantine: a regression of its dataset could hide there'])
  expect(found('another', state).quarantined).toHaveLength(1)
})
