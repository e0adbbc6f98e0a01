import { advanceCounters, type CounterState, startCounting } from '@agent-ci/delivery/analysis/counters'
import type { Series } from '@agent-ci/delivery/analysis/prometheus/answer'
import type { ArmName } from '@agent-ci/delivery/analysis/prometheus/selector'
import { describe, expect, test } from '@jest/globals'
import fc from '../../../properties.ts'

const series = (labels: Record<string, string>, ...samples: readonly (readonly [number, number])[]): Series => ({
  labels,
  samples: samples.map(([atMs, value]) => ({ atMs, value })),
  native: false,
})

/** The sum of all increments of some readings, the state going through JSON as it does between runs. */
function total(arm: ArmName, startMs: number, readings: readonly (readonly Series[])[]): number {
  let state: CounterState = startCounting(startMs)
  let sum = 0
  for (const reading of readings) {
    const advance = advanceCounters(JSON.parse(JSON.stringify(state)) as CounterState, arm, reading)
    state = advance.state
    for (const { count } of advance.increments) sum += count
  }
  return sum
}

const pod = { instance: 'a:1', status: 'success' }
const errors = { instance: 'a:1', status: 'error' }

describe('raw counters', () => {
  test.each<[string, ArmName, number, Series[][]]>([
    [
      'a fresh canary that is first seen at 5 and stays there has counted 5',
      'canary',
      5,
      [[series(pod, [11, 5], [12, 5])]],
    ],
    [
      'stable that was seen before the start counts from its value at the start',
      'stable',
      7,
      [[series(pod, [9, 100], [11, 107])]],
    ],
    ['so does a canary that was warmed up before the start', 'canary', 7, [[series(pod, [9, 100], [11, 107])]]],
    [
      'a stable pod that is new to us counts from its first seen value',
      'stable',
      2,
      [[series(pod, [11, 500], [12, 502])]],
    ],
    ['a first error of a known stable pod counts', 'stable', 1, [[series(pod, [9, 100]), series(errors, [11, 1])]]],
    [
      'it counts in a later reading too',
      'stable',
      3,
      [[series(pod, [9, 100])], [series(pod, [9, 100], [12, 100]), series(errors, [12, 3])]],
    ],
    [
      'both series of a stable pod that is new to us begin at their first values',
      'stable',
      0,
      [[series(pod, [11, 500]), series(errors, [11, 9])]],
    ],
    [
      'a drop is a restart: what is shown then was counted since',
      'canary',
      8,
      [[series(pod, [11, 5]), series(errors)], [series(pod, [11, 5], [12, 3])]],
    ],
    [
      'two restarts between two readings are seen in the samples between',
      'canary',
      12,
      [[series(pod, [11, 5], [12, 3], [13, 4], [14, 3])]],
    ],
    ['samples that were read before count nothing', 'canary', 5, [[series(pod, [11, 5])], [series(pod, [11, 5])]]],
    ['a series that vanishes keeps what it counted', 'canary', 5, [[series(pod, [11, 5])], []]],
    ['and goes on from there when it comes back', 'canary', 9, [[series(pod, [11, 5])], [], [series(pod, [13, 9])]]],
    [
      'a vanished series that comes back lower was restarted',
      'stable',
      6,
      [[series(pod, [9, 5])], [], [series(pod, [13, 2], [14, 6])]],
    ],
    [
      'the order of labels is no difference',
      'canary',
      6,
      [[series({ a: '1', b: '2' }, [11, 5])], [series({ b: '2', a: '1' }, [12, 6])]],
    ],
  ])('%s', (_, arm, expected, readings) => {
    expect(total(arm, 10, readings)).toBe(expected)
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1])(
    'a series that holds %f is refused, and the others are counted',
    (value) => {
      const { increments, refused } = advanceCounters(startCounting(0), 'canary', [
        series(pod, [1, value]),
        series(errors, [1, 2]),
      ])
      expect(refused.map(({ labels }) => labels)).toEqual([pod])
      expect(increments).toEqual([{ labels: errors, count: 2 }])
    },
  )

  test('the newest sample tells how old the evidence is', () => {
    expect(startCounting(0).newestMs).toBeUndefined()
    expect(advanceCounters(startCounting(0), 'canary', [series(pod, [3, 1], [7, 1])]).state.newestMs).toBe(7)
  })
})

/** What a pod does in a second. */
const event = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('work' as const), ok: fc.nat(5), errors: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const, ok: 0, errors: 0 }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'gone' as const, ok: 0, errors: 0 }) },
)
const life = fc.array(event, { minLength: 1, maxLength: 40 })

interface Scraped {
  readonly series: Map<string, Series>
  readonly truth: number
}

/**
 * A pod's life second by second: every second is scraped, unless the pod is not reachable. What the counters came to up to the last scrape of
 * each process can be known; what a process counted after its last scrape died with it. A restart that is not followed by a drop cannot be
 * seen, so a restarted process counts nothing in its first second.
 */
function live(
  name: string,
  events: readonly { kind: 'work' | 'restart' | 'gone'; ok: number; errors: number }[],
): Scraped {
  const found = new Map<string, Series>()
  const counted = { success: 0, error: 0 }
  const shown = { success: 0, error: 0 }
  let truth = 0
  for (const [second, { kind, ok, errors: bad }] of events.entries()) {
    if (kind === 'restart') {
      counted.success = 0
      counted.error = 0
      shown.success = 0
      shown.error = 0
    } else {
      counted.success += ok
      counted.error += bad
    }
    if (kind === 'gone') continue
    for (const status of ['success', 'error'] as const) {
      truth += counted[status] - shown[status]
      shown[status] = counted[status]
      // A labelled counter appears with its first count, and a restarted one is gone until then; here it stays, as 0.
      if (counted[status] === 0 && !found.has(`${name}/${status}`)) continue
      const before = found.get(`${name}/${status}`)?.samples ?? []
      found.set(`${name}/${status}`, {
        labels: { instance: name, status },
        samples: [...before, { atMs: 100 + second, value: counted[status] }],
        native: false,
      })
    }
  }
  return { series: found, truth }
}

test('whenever the canary is read, and however its pods restart and vanish, the sum of the increments is what they counted', () => {
  void fc.assert(
    fc.property(
      fc.array(life, { minLength: 1, maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 15 })),
      (lives, pauses) => {
        const pods = lives.map((events, i) => live(`pod-${i}`, events))
        const checks: number[] = []
        for (const pause of pauses) checks.push((checks.at(-1) ?? 100) + pause)
        checks.push(1_000)
        const readings = checks.map((now, i) =>
          pods.flatMap((one) =>
            [...one.series.values()].map((all) => ({
              ...all,
              // The window overlaps the last check's by some seconds.
              samples: all.samples.filter(({ atMs }) => atMs <= now && atMs > (checks[i - 1] ?? 0) - 5),
            })),
          ),
        )
        expect(total('canary', 0, readings)).toBe(pods.reduce((sum, { truth }) => sum + truth, 0))
      },
    ),
    { numRuns: 500 },
  )
})

test('stable pods that were there before count what they did after the start, whatever they had counted', () => {
  void fc.assert(
    fc.property(life, fc.nat(1_000), fc.nat(1_000), (events, ok, bad) => {
      const history = { kind: 'work' as const, ok: ok + 1, errors: bad + 1 }
      const { series: all, truth } = live('pod', [history, ...events])
      expect(total('stable', 100, [[...all.values()]])).toBe(truth - history.ok - history.errors)
    }),
  )
})
