import { achievableByReplicas, replicaCounts } from '@agent-ci/delivery/traffic/replica-counts'
import { describe, expect, test } from '@jest/globals'
import fc from '../../../properties.ts'

describe('the split of Argo Rollouts with maxSurge 1, canary/stable pods at 10, 25, 50 and 75 %', () => {
  test.each<[number, string]>([
    [1, '1/1 1/1 1/1 1/1'],
    [2, '1/2 1/2 1/1 2/1'],
    [3, '1/3 1/3 2/2 3/1'],
    [4, '1/4 1/3 2/2 3/1'],
    [5, '1/5 1/4 3/3 4/1'],
    [6, '1/6 2/5 3/3 5/2'],
    [8, '1/8 2/6 4/4 6/2'],
    [10, '1/9 3/8 5/5 8/3'],
    [20, '2/18 5/15 10/10 15/5'],
  ])('%i replicas: %s', (replicas, expected) => {
    const found = [10, 25, 50, 75].map((weight) => replicaCounts(replicas, weight))
    expect(found.map(({ canary, stable }) => `${canary}/${stable}`).join(' ')).toBe(expected)
  })
})

test('0 and 100 % are whole', () => {
  expect(replicaCounts(3, 0)).toEqual({ stable: 3, canary: 0 })
  expect(replicaCounts(3, 100)).toEqual({ stable: 0, canary: 3 })
})

test('for every size and weight: the size or one more, both sides at work, off by less than one pod', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 99 }), (replicas, weight) => {
      const { stable, canary } = replicaCounts(replicas, weight)
      const total = stable + canary
      expect([replicas, replicas + 1]).toContain(total)
      expect(Math.min(stable, canary)).toBeGreaterThan(0)
      expect(Math.abs(canary / total - weight / 100)).toBeLessThan(1 / total)
    }),
  )
})

test('what is told of each weight, and which of them change nothing', () => {
  expect(achievableByReplicas(3, [10, 25, 50, 100])).toEqual([
    { asked: 10, real: 25, how: 'asked 10 %, 3 pods give 25 % (1 canary of 4)', repeats: false },
    { asked: 25, real: 25, how: '', repeats: true },
    { asked: 50, real: 50, how: '', repeats: false },
    { asked: 100, real: 100, how: '', repeats: false },
  ])
})
