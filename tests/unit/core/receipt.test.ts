import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf } from '@agent-ci/core/json'
import { isSameModel } from '@agent-ci/core/model-name'
import { promptDigests, promptsDigest } from '@agent-ci/core/prompt-files'
import { type Receipt, receiptDigest, receiptOf, receiptSchema } from '@agent-ci/core/receipt'
import { type Deployed, type ReceiptRules, receiptDifferences } from '@agent-ci/core/receipt-difference'
import { AGENT_CI_VERSION } from '@agent-ci/core/version'
import { describe, expect, test } from '@jest/globals'
import { COMMIT, deployed, evaluated, IMAGE, receipt, results, TREE } from './receipts.ts'

const ANOTHER_IMAGE = IMAGE.replace(/a{64}$/, 'b'.repeat(64))

const rules: ReceiptRules = { nowMs: Date.parse('2026-11-20T12:00:00Z'), accepts: [] }

const difference = (evaluation: Receipt, release: Deployed, more: Partial<ReceiptRules> = {}) =>
  receiptDifferences(evaluation, release, { ...rules, ...more })

const evaluatedWith = (parts: Partial<Receipt['evaluated']>): Receipt => ({
  ...receipt,
  evaluated: { ...receipt.evaluated, ...parts },
})

describe('the receipt of a run', () => {
  test('says what was evaluated, with which verdict, and has a digest of all that', () => {
    expect(receiptSchema.parse(JSON.parse(JSON.stringify(receipt)))).toEqual(receipt)
    expect(receipt).toMatchObject({
      verdict: 'passed',
      evidence: 'live',
      evaluated: {
        code: { commit: COMMIT, tree: TREE, clean: true },
        model: { answered: ['claude-sonnet-4-20250514'] },
      },
      tool: { version: AGENT_CI_VERSION },
    })
    expect(receipt.digest).toBe(receiptDigest(receipt))
    expect(receiptDigest({ ...receipt, verdict: 'failed' })).not.toBe(receipt.digest)
  })

  test('is none when nothing was measured', () => {
    const nothing = { ...results, counts: { planned: 10, measured: 0, replayed: 0, errored: 10 } }
    expect(receiptOf(nothing, evaluated, { exitStatus: 1, evaluatedExamples: 10, workflow: null })).toBeUndefined()
  })

  test.each([
    [0, 'live'],
    [4, 'mixed'],
    [10, 'replayed'],
  ])('with %d of 10 answers from recordings is %s evidence', (replayed, evidence) => {
    const counted = { ...results, counts: { planned: 10, measured: 10, replayed, errored: 0 } }
    const made = receiptOf(counted, evaluated, { exitStatus: 0, evaluatedExamples: 10, workflow: null })
    expect(made?.evidence).toBe(evidence)
  })

  test('says that the tree was not clean when the commit had changes', () => {
    const dirty = { ...evaluated, code: `${COMMIT}+0123456789ab` }
    const made = receiptOf(results, dirty, { exitStatus: 0, evaluatedExamples: 10, workflow: null })
    expect(made?.evaluated.code).toEqual({ commit: COMMIT, tree: TREE, clean: false })
  })

  test('names the version of agent-ci that package.json has', () => {
    const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')) as {
      version: string
    }
    expect(AGENT_CI_VERSION).toBe(manifest.version)
  })
})

describe('the digests of prompts', () => {
  const bytes = (text: string) => new TextEncoder().encode(text)

  test('are of the bytes, by path and in the order of the paths', () => {
    const digests = promptDigests([
      { path: 'prompts/b.md', bytes: bytes('b\r\n') },
      { path: 'prompts/a.md', bytes: bytes('a') },
    ])
    expect(Object.entries(digests)).toEqual([
      ['prompts/a.md', digestOf('a')],
      ['prompts/b.md', digestOf('b\r\n')],
    ])
  })
})

test.each([
  ['claude-sonnet-4-20250514', 'claude-sonnet-4-20250514', true],
  ['claude-sonnet-4', 'claude-sonnet-4-20250514', true],
  ['gpt-4o', 'gpt-4o-2024-08-06', true],
  ['gpt-4o-2024-05-13', 'gpt-4o-2024-08-06', false],
  ['gpt-4o', 'gpt-4o-mini', false],
  ['claude-3-5-sonnet-latest', 'claude-3-5-sonnet-20241022', true],
  ['us.anthropic.claude-sonnet-4-20250514-v1:0', 'claude-sonnet-4-20250514', true],
  ['anthropic/claude-sonnet-4', 'claude-sonnet-4@20250514', true],
  ['claude-sonnet-4', 'claude-haiku-3', false],
])('%s and %s: the same model? %s', (a, b, same) => {
  expect(isSameModel(a, b)).toBe(same)
  expect(isSameModel(b, a)).toBe(same)
})

describe('what was evaluated and what is deployed', () => {
  test('differ in nothing when every part is the same', () => {
    expect(difference(receipt, deployed)).toEqual([])
  })

  test.each<[string, Receipt, Deployed, object]>([
    [
      'another commit',
      receipt,
      { ...deployed, code: { commit: 'f'.repeat(40), tree: 'e'.repeat(40) } },
      { part: 'code', kind: 'different', evaluated: COMMIT, deployed: 'f'.repeat(40) },
    ],
    [
      'uncommitted changes',
      evaluatedWith({ code: { commit: COMMIT, tree: TREE, clean: false } }),
      deployed,
      { part: 'code', kind: 'different', sentence: expect.stringContaining('not committed') },
    ],
    ['an unknown commit', evaluatedWith({ code: null }), deployed, { part: 'code', kind: 'unknown' }],
    ['a deployed commit that is unknown', receipt, { ...deployed, code: null }, { part: 'code', kind: 'unknown' }],
    [
      'another image, both by digest',
      evaluatedWith({ image: IMAGE }),
      { ...deployed, images: [ANOTHER_IMAGE, 'sidecar:1'] },
      { part: 'code', kind: 'different', evaluated: IMAGE },
    ],
    [
      'another configuration',
      receipt,
      { ...deployed, config: digestOf('other') },
      { part: 'config', kind: 'different', sentence: expect.stringContaining('config/production.yaml') },
    ],
    ['an unknown configuration', evaluatedWith({ config: null }), deployed, { part: 'config', kind: 'unknown' }],
    [
      'another prompt',
      receipt,
      { ...deployed, prompts: { ...deployed.prompts, 'prompts/support.md': digestOf('Be brief!') } },
      {
        part: 'prompts',
        kind: 'different',
        sentence: expect.stringContaining('prompts/support.md has another content'),
      },
    ],
    [
      'a prompt more',
      receipt,
      { ...deployed, prompts: { ...deployed.prompts, 'prompts/new.md': digestOf('x') } },
      { part: 'prompts', sentence: expect.stringContaining('prompts/new.md was not evaluated') },
    ],
    [
      'a prompt less',
      receipt,
      { ...deployed, prompts: { 'prompts/support.md': deployed.prompts['prompts/support.md']! } },
      { part: 'prompts', sentence: expect.stringContaining('prompts/refunds.md was evaluated and is not deployed') },
    ],
    [
      'another model than answered',
      receipt,
      { ...deployed, model: { id: 'claude-haiku-3', inConfig: true } },
      { part: 'model', kind: 'different', evaluated: 'claude-sonnet-4-20250514', deployed: 'claude-haiku-3' },
    ],
    [
      'the model that was asked for when another answered',
      evaluatedWith({ model: { requested: 'claude-sonnet-4', answered: ['claude-haiku-3'] } }),
      { ...deployed, model: { id: 'claude-sonnet-4', inConfig: true } },
      { part: 'model', kind: 'unknown' },
    ],
    [
      'an unknown model',
      evaluatedWith({ model: { requested: null, answered: [] } }),
      { ...deployed, model: { id: 'claude-sonnet-4', inConfig: false } },
      { part: 'model', kind: 'unknown' },
    ],
    ['a failed verdict', { ...receipt, verdict: 'failed', exit_status: 1 }, deployed, { part: 'verdict' }],
    ['an inconclusive verdict', { ...receipt, verdict: 'inconclusive' }, deployed, { part: 'verdict' }],
    ['recordings only', { ...receipt, evidence: 'replayed' }, deployed, { part: 'evidence' }],
    ['an end in the future', { ...receipt, finished_at: '2026-11-21T00:00:00.000Z' }, deployed, { part: 'age' }],
  ])('differ in one part with %s', (_, evaluation, release, expected) => {
    expect(difference(evaluation, release)).toEqual([expect.objectContaining(expected)])
  })

  test('do not differ where only the versions of a stored prompt that are in use travel', () => {
    const inUse = { 'prompts/support/latest.json': digestOf('v2'), 'prompts/support/v2.json': digestOf('2') }
    const files = { ...inUse, 'prompts/support/v1.json': digestOf('1') }
    const store = evaluatedWith({ prompts: { digest: promptsDigest(files), files } })
    expect(difference(store, { ...deployed, prompts: inUse })).toEqual([])
    const switched = { 'prompts/support/latest.json': digestOf('v1'), 'prompts/support/v1.json': digestOf('1') }
    expect(difference(store, { ...deployed, prompts: switched })).toMatchObject([
      { part: 'prompts', sentence: expect.stringContaining('prompts/support/latest.json has another content') },
    ])
    expect(difference(store, { ...deployed, prompts: { x: digestOf('x') } })).toMatchObject([
      { sentence: expect.stringContaining('prompts/support/latest.json was evaluated and is not deployed') },
    ])
  })

  test('do not differ where the commit is another one with the same files', () => {
    expect(difference(receipt, { ...deployed, code: { commit: 'f'.repeat(40), tree: TREE } })).toEqual([])
  })

  test('do not differ in code where the deployed image is the evaluated one, whatever the commit', () => {
    const release = { ...deployed, images: ['sidecar:1', IMAGE], code: null }
    expect(difference(evaluatedWith({ image: IMAGE }), release)).toEqual([])
  })

  test('differ in code where every deployed image is another one', () => {
    const release = { ...deployed, images: [`elsewhere.example.com/agent@sha256:${'b'.repeat(64)}`] }
    expect(difference(evaluatedWith({ image: IMAGE }), release)).toMatchObject([{ part: 'code', kind: 'different' }])
  })

  test('go by the commit where the deployed image is named by a tag', () => {
    expect(difference(evaluatedWith({ image: IMAGE }), deployed)).toEqual([])
    expect(difference(evaluatedWith({ image: IMAGE, code: null }), deployed)).toMatchObject([{ kind: 'unknown' }])
  })

  test('do not differ in what the release has nothing of', () => {
    const release = { ...deployed, config: null, prompts: {}, model: null }
    expect(difference(evaluatedWith({ config: null, model: { requested: null, answered: [] } }), release)).toEqual([])
  })

  test('do not differ in the model where the same configuration names it', () => {
    expect(difference(evaluatedWith({ model: { requested: null, answered: [] } }), deployed)).toEqual([])
  })

  test('accept what the rules accept', () => {
    const aliased = evaluatedWith({ model: { requested: 'prod-model', answered: ['gpt-4o-2024-08-06'] } })
    const release = { ...deployed, model: { id: 'prod-model', inConfig: false } }
    expect(difference(aliased, release, { accepts: ['alias'] })).toEqual([])
    expect(difference({ ...receipt, evidence: 'replayed' }, deployed, { accepts: ['replayed'] })).toEqual([])
    const inconclusive: Receipt = { ...receipt, verdict: 'inconclusive', exit_status: 0 }
    expect(difference(inconclusive, deployed, { accepts: ['inconclusive'] })).toEqual([])
    const red: Receipt = { ...inconclusive, exit_status: 1 }
    expect(difference(red, deployed, { accepts: ['inconclusive'] })).toHaveLength(1)
  })

  test('differ in age when the evaluation ended longer ago than is allowed', () => {
    expect(difference(receipt, deployed, { maxAgeMs: 4 * 3_600_000 })).toEqual([])
    const [old] = difference(receipt, deployed, { maxAgeMs: 3_600_000 })
    expect(old).toMatchObject({
      part: 'age',
      sentence: 'The evaluation ended 4 hours ago, and at most 1 hours are allowed',
    })
  })

  test('differ where another commit was evaluated and neither tree is known', () => {
    const evaluation = evaluatedWith({ code: { commit: COMMIT, tree: null, clean: true } })
    const release = { ...deployed, code: { commit: 'f'.repeat(40), tree: null } }
    expect(difference(evaluation, release)).toMatchObject([
      { part: 'code', sentence: 'Commit 111111111111 was evaluated, and ffffffffffff is deployed' },
    ])
  })

  test('do not differ where the commit is the same and neither tree is known', () => {
    const evaluation = evaluatedWith({ code: { commit: COMMIT, tree: null, clean: true } })
    expect(difference(evaluation, { ...deployed, code: { commit: COMMIT, tree: null } })).toEqual([])
  })

  test('do not differ in the model where it is one of those that answered', () => {
    const several = evaluatedWith({ model: { requested: null, answered: ['gpt-4o-mini', 'claude-sonnet-4-20250514'] } })
    expect(difference(several, deployed)).toEqual([])
  })

  test('go by the commit where a tagged image beside another one may be the evaluated one, or none is deployed', () => {
    const elsewhere = `elsewhere.example.com/sidecar@sha256:${'b'.repeat(64)}`
    for (const images of [[elsewhere, 'agent:1'], []])
      expect(difference(evaluatedWith({ image: IMAGE }), { ...deployed, images })).toEqual([])
  })

  test('differ in an image of the same repository, whatever its tag and the port of its registry', () => {
    const image = (tag: string, digit: string) => `localhost:5000/agent${tag}@sha256:${digit.repeat(64)}`
    const release = { ...deployed, images: ['sidecar:1', image(':2.0', 'b')] }
    expect(difference(evaluatedWith({ image: image('', 'a') }), release)).toMatchObject([
      {
        part: 'code',
        deployed: `sidecar:1, ${image(':2.0', 'b')}`,
        sentence: `The image ${image('', 'a')} was evaluated, and sidecar:1, ${image(':2.0', 'b')} is deployed`,
      },
    ])
  })

  test('are listed for five prompts, and counted beyond', () => {
    const prompts = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`prompts/${i}.md`, digestOf(`${i}`)]))
    const none = evaluatedWith({ prompts: { digest: promptsDigest({}), files: {} } })
    const listed = [0, 1, 2, 3, 4].map((i) => `prompts/${i}.md was not evaluated`).join(', ')
    const sentence = `The prompts are not those that were evaluated: ${listed}`
    expect(difference(none, { ...deployed, prompts: prompts(5) })).toMatchObject([{ sentence }])
    expect(difference(none, { ...deployed, prompts: prompts(7) })).toMatchObject([
      { sentence: `${sentence}, and 2 more differ` },
    ])
  })

  describe('in the model, where nothing was seen to answer,', () => {
    const asked = (requested: string | null) => evaluatedWith({ model: { requested, answered: [] } })
    const release = (id: string, inConfig = false) => ({ ...deployed, model: { id, inConfig } })
    test('go by what was asked for', () => {
      expect(difference(asked('gpt-4o'), release('gpt-4o-2024-08-06'))).toEqual([])
      expect(difference(asked('gpt-4o'), release('gpt-4o-mini'))).toMatchObject([
        {
          part: 'model',
          kind: 'different',
          evaluated: 'gpt-4o',
          deployed: 'gpt-4o-mini',
          sentence: 'gpt-4o was evaluated, and gpt-4o-mini is deployed',
        },
      ])
    })
    test('go by the configuration only where it is the evaluated one', () => {
      expect(difference(asked(null), { ...release('gpt-4o', true), config: digestOf('other') })).toMatchObject([
        { part: 'config' },
        { part: 'model', kind: 'unknown', evaluated: null },
      ])
      const unknown = evaluatedWith({ model: { requested: null, answered: [] }, config: null })
      expect(difference(unknown, { ...release('gpt-4o', true), config: null })).toMatchObject([
        { part: 'model', kind: 'unknown' },
      ])
    })
  })

  test('are excused by the one acceptance that is meant, and by no other', () => {
    const aliased = evaluatedWith({ model: { requested: 'prod-model', answered: ['gpt-4o-2024-08-06'] } })
    const release = { ...deployed, model: { id: 'prod-model', inConfig: false } }
    expect(difference(aliased, release, { accepts: ['inconclusive', 'replayed'] })).toMatchObject([
      {
        part: 'model',
        evaluated: 'gpt-4o-2024-08-06',
        sentence: 'The evaluation asked for prod-model and gpt-4o-2024-08-06 answered, which may be another model',
      },
    ])
    expect(difference({ ...receipt, evidence: 'replayed' }, deployed, { accepts: ['alias'] })).toHaveLength(1)
    expect(difference({ ...receipt, evidence: 'mixed' }, deployed)).toEqual([])
    const inconclusive: Receipt = { ...receipt, verdict: 'inconclusive', exit_status: 0 }
    expect(difference(inconclusive, deployed, { accepts: ['replayed', 'alias'] })).toHaveLength(1)
    const failed: Receipt = { ...receipt, verdict: 'failed', exit_status: 0 }
    expect(difference(failed, deployed, { accepts: ['inconclusive'] })).toHaveLength(1)
  })

  test('do not differ in age within the clocks of two runners, nor at the very age that is allowed', () => {
    const ended = (ms: number): Receipt => ({ ...receipt, finished_at: new Date(rules.nowMs - ms).toISOString() })
    expect(difference(ended(-5 * 60_000), deployed)).toEqual([])
    expect(difference(ended(-5 * 60_000 - 1), deployed)).toMatchObject([{ part: 'age', kind: 'different' }])
    expect(difference(ended(60_000), deployed, { maxAgeMs: 60_000 })).toEqual([])
    expect(difference(ended(5_400_000), deployed, { maxAgeMs: 3_600_000 })).toMatchObject([
      { sentence: 'The evaluation ended 1.5 hours ago, and at most 1 hours are allowed' },
    ])
  })

  test('are all named when all differ, and what is quoted cannot speak to the runner', () => {
    const evil = evaluatedWith({
      config: { path: 'config\n::error::gotcha', digest: digestOf('evil') },
      model: { requested: null, answered: ['evil\n::set-output name=x::1'] },
    })
    const release: Deployed = {
      ...deployed,
      code: { commit: 'f'.repeat(40), tree: null },
      prompts: { x: digestOf('x') },
    }
    const found = difference({ ...evil, verdict: 'errored', evidence: 'replayed' }, release, { maxAgeMs: 1 })
    expect(found.map(({ part }) => part)).toEqual(['code', 'config', 'prompts', 'model', 'verdict', 'evidence', 'age'])
    for (const { sentence } of found) expect(sentence).not.toMatch(/\n|^\s*::/)
  })
})
