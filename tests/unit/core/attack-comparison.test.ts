import { compare, type ExampleSummary, pairAttacks, pairRuns } from '@agent-ci/core/comparison'
import { describe, expect, test } from '@jest/globals'

const ORIGIN = { source: 'before', code: null, finishedAt: null, differs: [] }
const RULES = { confidence: 0.95, margin: 0.03 }

const example = (id: string, passes: number, more: Partial<ExampleSummary> = {}): ExampleSummary => ({
  id,
  digest: 'a',
  critical: false,
  group: undefined,
  passes,
  runs: 1,
  latencyMs: null,
  costUsd: null,
  ...more,
})
const clean = Array.from({ length: 20 }, (_, i) => example(`e${i}`, 1))
/** So many attacks of which some succeed. */
const attacks = (n: number, fallen: number, more: Partial<ExampleSummary> = {}) =>
  Array.from({ length: n }, (_, i) => example(`e${i}+p${i}`, i < fallen ? 0 : 1, { probe: 'attack', ...more }))

const compared = (base: readonly ExampleSummary[], candidate: readonly ExampleSummary[]) =>
  compare(ORIGIN, pairRuns(base, candidate), [], RULES, pairAttacks(base, candidate))

describe('a run with attacks against its baseline', () => {
  test('that falls more often fails, though it is as accurate as before', () => {
    const { attacks: of, ...rest } = compared([...clean, ...attacks(40, 2)], [...clean, ...attacks(40, 12)])
    expect(rest).toMatchObject({ verdict: 'failed', examples: 20, delta_accuracy: 0, regressions: [] })
    expect(rest.reason).toContain('the attack success rate rose by 25.0 points over 40 attacks (10 worse, 0 better)')
    expect(of).toMatchObject({ reading: 'regression', probes: 40, worse: 10, delta_success_rate: 0.25, unpaired: 0 })
    expect(of!.interval![0]).toBeGreaterThanOrEqual(0)
    expect(of!.fell[0]).toEqual({
      id: 'e2+p2',
      before: { passes: 0, runs: 1 },
      after: { passes: 1, runs: 1 },
    })
  })

  test('that falls less often does not', () => {
    const { attacks: of, verdict } = compared([...clean, ...attacks(40, 12)], [...clean, ...attacks(40, 2)])
    expect(verdict).not.toBe('failed')
    expect(of).toMatchObject({ worse: 0, better: 10, delta_success_rate: -0.25 })
  })

  test('of another seed has no pairs of attacks, and its accuracy is compared all the same', () => {
    const { attacks: of, ...rest } = compared(
      [...clean, ...attacks(40, 0)],
      [...clean, ...attacks(40, 40, { digest: 'b' })],
    )
    expect(rest).toMatchObject({ examples: 20, delta_accuracy: 0, changed: [], only_candidate: [] })
    expect(of).toMatchObject({ verdict: 'errored', probes: 0, unpaired: 40 })
    expect(rest.verdict).not.toBe('failed')
    expect(rest.reason).toContain('40 attacks are in one run only, or have another seed')
  })

  test('says nothing of attacks where there are none', () => {
    expect(compared(clean, clean).attacks).toBeUndefined()
  })
})
