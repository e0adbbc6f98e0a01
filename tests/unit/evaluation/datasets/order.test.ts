import { sampleOrder } from '@agent-ci/evaluation/datasets/order'
import { describe, expect, test } from '@jest/globals'
import fc from '../../../properties.ts'

const sorted = (order: Uint32Array): number[] => [...order].sort((a, b) => a - b)
const range = (size: number): number[] => Array.from({ length: size }, (_, i) => i)

describe('sampleOrder', () => {
  test('is an order of all positions that the seed alone decides', () => {
    const order = sampleOrder(100, { seed: 'a' })
    expect(sorted(order)).toEqual(range(100))
    expect(sampleOrder(100, { seed: 'a' })).toEqual(order)
    expect(sampleOrder(100, { seed: 'b' })).not.toEqual(order)
    expect([...order]).not.toEqual(range(100))
  })

  test('shards are disjoint, complete, and the same for every seed', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.integer({ min: 1, max: 12 }), fc.string(), fc.string(), (size, of, seed, other) => {
        const shards = range(of).map((i) => sampleOrder(size, { shard: { index: i + 1, of }, seed }))
        expect(sorted(Uint32Array.from(shards.flatMap((shard) => [...shard])))).toEqual(range(size))
        for (const [i, shard] of shards.entries()) {
          expect(sorted(sampleOrder(size, { shard: { index: i + 1, of }, seed: other }))).toEqual(sorted(shard))
          expect(Math.abs(shard.length - size / of)).toBeLessThan(1)
        }
      }),
    )
  })

  test('a shard keeps the order of the whole', () => {
    const whole = [...sampleOrder(50, { seed: 's' })]
    const shard = sampleOrder(50, { shard: { index: 2, of: 3 }, seed: 's' })
    expect([...shard]).toEqual(whole.filter((position) => position % 3 === 1))
  })

  test.each([
    [{ count: 7 }, 7],
    [{ count: 1_000 }, 100],
    [{ share: 0.07 }, 7],
    [{ share: 0.071 }, 8],
    [{ share: 0.001 }, 1],
    [{ share: 1 }, 100],
    [{ share: 0 }, 0],
  ])('a sample of %j of 100 is the first %d of the order', (sample, length) => {
    const order = sampleOrder(100, { sample, seed: 's' })
    expect([...order]).toEqual([...sampleOrder(100, { seed: 's' })].slice(0, length))
  })

  test('a sample is taken of the shard', () => {
    const shard = { index: 3, of: 4 }
    const order = sampleOrder(101, { sample: { share: 0.5 }, shard, seed: 's' })
    expect([...order]).toEqual([...sampleOrder(101, { shard, seed: 's' })].slice(0, 13))
  })
})
