import type { Results } from '@agent-ci/core/results'
import { checkShards, type Whole } from '@agent-ci/evaluation/shards/check-shards'
import type { ShardRun } from '@agent-ci/evaluation/shards/shard-run'
import { describe, expect, test } from '@jest/globals'

const fingerprint = {
  code: 'c0ffee',
  prompts: null,
  config: 'sha256:1',
  model: 'claude-haiku-4-5',
  tools: null,
  dataset: 'sha256:2',
  scorers: 'sha256:3',
}

const shard = (index: number, of: number, more: Partial<Results> = {}, directory = `shards/${index}`): ShardRun => ({
  directory,
  results: {
    fingerprint,
    seed: '1',
    repeats: 1,
    gates: [{ metric: 'accuracy', rule: 'accuracy >= 0.85' }],
    agent: 'command node agent.mjs',
    counts: { planned: 10, measured: 10, replayed: 0, errored: 0 },
    ...more,
    shard: { index, of, ending: 'complete', reason: '', started: 10, models: [] },
  } as unknown as ShardRun['results'],
})

const whole: Whole = { fingerprint, repeats: 1, gates: ['accuracy >= 0.85'], plannedOf: () => 10 }
const three = [shard(3, 3), shard(1, 3), shard(2, 3)]

test('all parts of one run are put in their order', () => {
  expect(checkShards(three, whole).map(({ directory }) => directory)).toEqual(['shards/1', 'shards/2', 'shards/3'])
})

test('changes of the shards to tracked files are theirs, when all have the same', () => {
  const changed = three.map(({ directory, results }) => ({
    directory,
    results: { ...results, fingerprint: { ...fingerprint, code: 'c0ffee+1234' } },
  }))
  expect(checkShards(changed, whole)).toHaveLength(3)
  expect(() => checkShards([...changed.slice(0, 2), shard(2, 3)], whole)).toThrow(
    /The code of shard 2\/3 \(shards\/2\) is c0ffee\. Here it is c0ffee\+1234/,
  )
})

describe('refused is', () => {
  const other = { ...fingerprint, dataset: 'sha256:9' }
  test.each<[string, readonly ShardRun[], RegExp]>([
    ['a missing part', [shard(1, 8), ...[2, 4, 5, 6, 7, 8].map((i) => shard(i, 8))], /^3\/8 is missing\./],
    [
      'a part that is there twice',
      [...three, shard(2, 3, {}, 'again/2')],
      /^2\/3 is there 2 times\. shards\/2, again\/2/,
    ],
    ['parts of different runs', [shard(1, 2), shard(2, 3)], /parts of 2 and of 3/],
    [
      'another dataset, in one of them',
      [...three.slice(0, 2), shard(2, 3, { fingerprint: other })],
      /The dataset of shard 2\/3 \(shards\/2\) is sha256:9\. Here it is sha256:2/,
    ],
    [
      'another seed',
      [...three.slice(0, 2), shard(2, 3, { seed: '2' })],
      /The seed of shard 2\/3 \(shards\/2\) is 2\. Here it is 1/,
    ],
    ['other repeats, in all', [1, 2].map((i) => shard(i, 2, { repeats: 3 })), /The repeats of every shard is 3/],
    ['other gates', [shard(1, 1, { gates: [] })], /The gates of every shard is \. Here it is accuracy >= 0\.85/],
    ['another agent', [shard(1, 2), shard(2, 2, { agent: 'http http://x' })], /The agent of shard 2\/2/],
    [
      'another sample',
      [shard(1, 2), shard(2, 2, { counts: { planned: 3, measured: 3, replayed: 0, errored: 0 } })],
      /Shard 2\/2 \(shards\/2\) planned 3 trials\. Here it would have been 10/,
    ],
  ])('%s', (_, shards, message) => {
    expect(() => checkShards(shards, whole)).toThrow(message)
  })

  test('everything at once', () => {
    const shards = [shard(1, 4), shard(2, 4, { seed: '2' }), shard(2, 4, { seed: '2' })]
    expect(() => checkShards(shards, whole)).toThrow(
      /3\/4 is missing[\s\S]*4\/4 is missing[\s\S]*2\/4 is there 2 times[\s\S]*The seed of shard 2\/4/,
    )
  })
})
