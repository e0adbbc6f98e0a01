import { nextCounts } from '@agent-ci/delivery/traffic/replica-scale'
import { expect, test } from '@jest/globals'
import fc from '../../../properties.ts'

const all = (spec: number) => ({ spec, available: spec })

test('up at once, down only when the others are available', () => {
  expect(nextCounts(all(3), all(0), { stable: 2, canary: 2 }, 3)).toEqual({ stable: 3, canary: 2 })
  expect(nextCounts(all(3), { spec: 2, available: 1 }, { stable: 2, canary: 2 }, 3)).toEqual({ stable: 2, canary: 2 })
  expect(nextCounts({ spec: 3, available: 0 }, all(3), { stable: 3, canary: 0 }, 3)).toEqual({ stable: 3, canary: 3 })
  expect(nextCounts({ spec: 3, available: 2 }, all(3), { stable: 3, canary: 0 }, 3)).toEqual({ stable: 3, canary: 1 })
})

test('pods that are not ready go without waiting: they serve nobody', () => {
  expect(nextCounts({ spec: 3, available: 0 }, all(1), { stable: 1, canary: 2 }, 3)).toEqual({ stable: 1, canary: 2 })
})

test('however pods come up, the available ones never fall below the floor by our doing, and both sides arrive', () => {
  const side = fc
    .tuple(fc.nat(8), fc.nat(8))
    .map(([spec, available]) => ({ spec, available: Math.min(spec, available) }))
  const wanted = fc.record({ stable: fc.nat(8), canary: fc.nat(8) })
  fc.assert(
    fc.property(
      side,
      side,
      wanted,
      fc.nat(8),
      fc.infiniteStream(fc.boolean()),
      (stable, canary, target, spare, coin) => {
        const floor = Math.max(0, target.stable + target.canary - 1 - spare)
        let [a, b] = [stable, canary]
        for (let turn = 0; turn < 100; turn++) {
          const before = a.available + b.available
          const next = nextCounts(a, b, target, floor)
          // A ReplicaSet that shrinks ends pods that are not ready first.
          a = { spec: next.stable, available: Math.min(a.available, next.stable) }
          b = { spec: next.canary, available: Math.min(b.available, next.canary) }
          expect(a.available + b.available).toBeGreaterThanOrEqual(Math.min(before, floor))
          if (a.spec === target.stable && b.spec === target.canary) return
          // One of the pods that are missing comes up, on either side.
          const first = coin.next().value
          if (a.available < a.spec && (first || b.available === b.spec)) a = { ...a, available: a.available + 1 }
          else if (b.available < b.spec) b = { ...b, available: b.available + 1 }
        }
        throw new Error('it did not arrive')
      },
    ),
  )
})
