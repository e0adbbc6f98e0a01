import { UnmeasuredWatch } from '@agent-ci/delivery/analysis/unmeasured-watch'
import { expect, test } from '@jest/globals'

const watchAt = (clock: { now: number }, intervalMs = 10_000) =>
  new UnmeasuredWatch({ intervalMs, stepMs: 30_000, now: () => clock.now, date: () => new Date(clock.now) })

test('a step passes after its time, counted from its own beginning', async () => {
  const clock = { now: 5_000 }
  const watch = watchAt(clock)
  await watch.begin({ index: 0, asked: 10, real: 25 })
  clock.now += 29_999
  expect(await watch.look()).toMatchObject({
    decision: 'hold',
    reason: 'no metrics are watched; 30 s passed without trouble',
  })
  clock.now += 1
  expect(await watch.look()).toMatchObject({ decision: 'advance', metric: null })
  await watch.begin({ index: 1, asked: 50, real: 50 })
  expect(await watch.look()).toMatchObject({ decision: 'hold', check: { step: 1, weight: { asked: 50, route: null } } })
})

test('it looks at least once a step, and learns nothing that a later run could use', () => {
  expect(watchAt({ now: 0 }).intervalMs).toBe(10_000)
  expect(watchAt({ now: 0 }, 60_000).intervalMs).toBe(30_000)
  expect(watchAt({ now: 0 }).state()).toBe('')
})
