import { judgedInTurn } from '@agent-ci/action-eval-gate/batch'
import type { Scorer } from '@agent-ci/core/score'
import { expect, test } from '@jest/globals'

test('the answers of a batch come at once, and only so many are judged at a time', async () => {
  let running = 0
  let most = 0
  const scorer: Scorer = {
    name: 'judge',
    judges: 'output',
    appliesTo: () => true,
    score: async () => {
      most = Math.max(most, ++running)
      await new Promise((next) => setImmediate(next))
      running--
      return { scorer: 'judge', value: 1, passed: true, reason: '' }
    },
  }
  const scorersFor = judgedInTurn(async () => [scorer], 3)
  const { signal } = new AbortController()
  const scores = await Promise.all(
    Array.from({ length: 50 }, async () => (await scorersFor({} as never))[0]!.score({} as never, {} as never, signal)),
  )
  expect(scores.every(({ passed }) => passed)).toBe(true)
  expect(most).toBe(3)
})
