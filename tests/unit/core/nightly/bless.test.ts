import { bless } from '@agent-ci/core/nightly/bless'
import { blessingSchema } from '@agent-ci/core/nightly/blessing'
import { expect, test } from '@jest/globals'
import { nightOf } from './nights.ts'

const NIGHTS = [
  nightOf(1, 0.9),
  nightOf(2, 0.9),
  nightOf(2, 0.8, { dataset: 'hard' }),
  nightOf(3, 0.9, { verdict: 'errored' }),
]
const REQUEST = { run: '2', reason: 'new prompts', by: 'ada', at: '2026-01-05T10:00:00.000Z', dataset: '', model: '' }

test('a run is blessed for each of its datasets', () => {
  const blessings = bless(NIGHTS, REQUEST)
  expect(blessings.map((blessing) => blessingSchema.parse(blessing))).toEqual([
    {
      schema_version: 1,
      at: REQUEST.at,
      by: 'ada',
      reason: 'new prompts',
      run: '2',
      night: '2026-01-02',
      dataset: 'golden',
      model: '*',
    },
    {
      schema_version: 1,
      at: REQUEST.at,
      by: 'ada',
      reason: 'new prompts',
      run: '2',
      night: '2026-01-02',
      dataset: 'hard',
      model: '*',
    },
  ])
  expect(bless(NIGHTS, { ...REQUEST, dataset: 'hard', model: 'claude-haiku' })).toMatchObject([
    { dataset: 'hard', model: 'claude-haiku' },
  ])
})

test.each([
  [
    { run: '9' },
    /The history knows no run "9"\. It holds 3 runs; the newest are 1 \(2026-01-01\), 2 \(2026-01-02\), 3 \(2026-01-03\)/,
  ],
  [{ reason: ' ' }, /There is no --reason/],
  [{ dataset: 'golde' }, /Run 2 evaluated no dataset "golde"\. It evaluated golden, hard\. Did you mean "golden"\?/],
  [{ model: 'gpt' }, /Run 2 evaluated no model "gpt"/],
  [{ run: '3' }, /Run 3 measured nothing/],
])('%j is refused', (change, message) => {
  expect(() => bless(NIGHTS, { ...REQUEST, ...change })).toThrow(message)
})

test('an empty history says so', () => {
  expect(() => bless([], REQUEST)).toThrow(/It holds no run at all\. Let nightly-eval run first/)
})
