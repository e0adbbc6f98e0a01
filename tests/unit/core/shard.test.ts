import { conclude, type RunFacts } from '@agent-ci/core/conclusion'
import { parseGate } from '@agent-ci/core/gate'
import type { Ending } from '@agent-ci/core/run-end'
import { joinEnds, shardCoverage } from '@agent-ci/core/shard'
import type { Trial } from '@agent-ci/core/trial'
import { TrialTable } from '@agent-ci/core/trial-table'
import { untrusted } from '@agent-ci/core/untrusted'
import { describe, expect, test } from '@jest/globals'

const end = (index: number, ending: Ending = 'complete', reason = '') => ({
  ending,
  reason,
  started: 10,
  shard: { index, of: 3 },
})

describe('how joined shards ended', () => {
  test('complete when all were', () => {
    expect(joinEnds([end(1), end(2), end(3)])).toEqual({ ending: 'complete', reason: '', started: 30 })
  })

  test('by their budget, when one was, with its name', () => {
    expect(joinEnds([end(1), end(2, 'budget', 'The budget was used up'), end(3)])).toMatchObject({
      ending: 'budget',
      reason: 'Shard 2/3: The budget was used up',
    })
  })

  test('an ending that decides nothing outweighs one that does', () => {
    expect(joinEnds([end(1, 'budget', 'used up'), end(2), end(3, 'interrupted', 'cut off')])).toMatchObject({
      ending: 'interrupted',
      reason: 'Shard 1/3: used up; Shard 3/3: cut off',
    })
  })
})

test.each([
  [8, 0],
  [5, 0],
  [2, 0.6],
  [1, 0.8],
])('of %s shards one ends early below a coverage of %s where the whole must reach 0.8', (of, least) => {
  expect(shardCoverage(0.8, { index: 1, of })).toBeCloseTo(least, 9)
})

describe('a shard by itself', () => {
  const trial = (index: number): Trial => ({
    exampleId: `e${index}`,
    index,
    repeat: 0,
    outcome: 'failed',
    correct: false,
    toolCorrect: null,
    reply: { output: untrusted('x'), toolCalls: [], usage: {}, latencyMs: 100, attempts: 1 },
    scores: [],
    startedAt: '2026-01-01T00:00:00.000Z',
  })

  function concludeShard(trials: number, more: Partial<RunFacts> = {}) {
    const table = new TrialTable()
    for (let i = 0; i < trials; i++) table.add(trial(i), { tags: [], critical: false })
    const facts: RunFacts = {
      dataset: { name: 'golden', files: ['golden.jsonl'], digest: 'sha256:0', size: 30 },
      agent: 'command node agent.mjs',
      config: null,
      model: null,
      repeats: 1,
      seed: '1',
      fingerprint: {
        code: null,
        prompts: null,
        config: null,
        model: null,
        tools: null,
        dataset: 'sha256:0',
        scorers: 'sha256:1',
      },
      planned: 10,
      minCoverage: 0.8,
      confidence: 0.95,
      estimand: 'population',
      end: { ending: 'complete', reason: '', started: 10 },
      errors: new Map(),
      startedAt: '2026-01-01T00:00:00.000Z',
      finishedAt: '2026-01-01T00:00:01.000Z',
      shard: { index: 2, of: 3, models: ['m'] },
      ...more,
    }
    return conclude(table, [parseGate('accuracy >= 0.85', { name: 'gates' })], facts, []).results
  }

  test('is inconclusive however bad its part is, shows its values, and says what the whole needs of it', () => {
    expect(concludeShard(10)).toMatchObject({
      verdict: 'inconclusive',
      reason: 'Shard 2/3 measured 10 of its 10 trials; the run that joins the shards decides',
      gates: [{ metric: 'accuracy', value: 0, verdict: 'inconclusive', set_aside: true }],
      shard: { index: 2, of: 3, ending: 'complete', reason: '', started: 10, models: ['m'] },
    })
  })

  test('is errored when it measured nothing, or was cut off', () => {
    expect(concludeShard(0).verdict).toBe('errored')
    const cut = concludeShard(5, { end: { ending: 'interrupted', reason: 'It was interrupted', started: 5 } })
    expect(cut).toMatchObject({ verdict: 'errored', reason: 'It was interrupted', shard: { ending: 'interrupted' } })
  })

  test('is not errored for having no example at all', () => {
    expect(concludeShard(0, { planned: 0 }).verdict).toBe('inconclusive')
  })
})
