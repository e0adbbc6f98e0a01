import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatProblem } from '@agent-ci/core/errors'
import { digestOf } from '@agent-ci/core/json'
import { receiptDigest } from '@agent-ci/core/receipt'
import { checkReceipt, deployedParts, type ReceiptCheck, readReceipt } from '@agent-ci/delivery/releases/receipts'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { COMMIT, deployed, IMAGE, receipt, TREE } from '../core/receipts.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agent-ci-receipts-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const put = (path: string, text: string): void => writeFileSync(join(directory, path), text)
const sealed = (changes: object): string => {
  const content = { ...receipt, ...changes }
  return JSON.stringify({ ...content, digest: receiptDigest(content) })
}

describe('reading a receipt', () => {
  test('takes the file, or the directory that an artifact was downloaded to', async () => {
    mkdirSync(join(directory, 'artifact'))
    put('artifact/receipt.json', JSON.stringify(receipt, null, 2))
    expect(await readReceipt('artifact/receipt.json', directory)).toEqual(receipt)
    expect(await readReceipt('artifact', directory)).toEqual(receipt)
  })

  test('takes one that a later version has added something to', async () => {
    put('receipt.json', sealed({ signed_by: 'somebody' }))
    expect((await readReceipt('receipt.json', directory)).verdict).toBe('passed')
  })

  test.each([
    ['text', 'passed', /It is not JSON/],
    ['a list', '[]', /It is no receipt/],
    ['results.json', '{"schema_version":1,"verdict":"passed"}', /It is no receipt: reason/],
    ['a receipt of a later format', '{"schema_version":2}', /schema_version 2, and this version of agent-ci reads 1/],
    ['a verdict that was edited', JSON.stringify({ ...receipt, verdict: 'failed' }), /damaged or edited/],
    ['a commit that is none', sealed({ evaluated: { ...receipt.evaluated, code: { commit: '--help' } } }), /commit/],
    ['more than 8 MiB', ' '.repeat((8 << 20) + 1), /larger than 8 MiB/],
    [
      'lists nested without end',
      `{"x":${'['.repeat(200_000)}${']'.repeat(200_000)},${JSON.stringify(receipt).slice(1)}`,
      /damaged or edited/,
    ],
  ])('refuses %s', async (_, text, why) => {
    put('receipt.json', text)
    await expect(readReceipt('receipt.json', directory)).rejects.toThrow(why)
  })

  test('refuses what is not there, and says what to write', async () => {
    await expect(readReceipt('nowhere', directory)).rejects.toThrow(/receipt is "nowhere".*downloaded/)
    await expect(readReceipt('.', directory)).rejects.toThrow(/receipt is "\."/)
  })

  test('does not let a hostile receipt speak to the runner', async () => {
    put('receipt.json', '\n::error::gotcha')
    const refused = await readReceipt('receipt.json', directory).catch((error: Error) => error.message)
    expect(refused).not.toMatch(/^\s*::/m)
  })
})

describe('a release in the terms of a receipt', () => {
  test('has its images, the digest of its configuration, its prompts by file, and its model', () => {
    const release = {
      images: { 'agent/agent': IMAGE },
      model: { primary: 'claude-sonnet-4', fallback: null, temperature: null, max_tokens: null },
      agent_config: { digest: digestOf('agent: {}'), settings: {} },
    }
    const prompts = [
      { files: [{ path: 'prompts/support.md', bytes: new TextEncoder().encode('Be brief.') }] },
      { files: [{ path: 'prompts/refunds.md', bytes: new TextEncoder().encode('Refund.') }] },
    ]
    expect(deployedParts(release, prompts, { commit: COMMIT, tree: TREE })).toEqual({ ...deployed, images: [IMAGE] })
  })

  test('has nothing of what does not travel', () => {
    expect(deployedParts({ images: {}, model: null, agent_config: null }, [], null)).toEqual({
      code: null,
      images: [],
      config: null,
      prompts: {},
      model: null,
    })
  })
})

describe('the check of a receipt', () => {
  const check: ReceiptCheck = { now: new Date('2026-11-20T12:00:00Z'), require: true, accepts: [] }

  test('finds nothing where the evaluated release is the deployed one', () => {
    expect(checkReceipt(receipt, deployed, check)).toEqual({ problems: [], warnings: [] })
  })

  test('refuses a release without a receipt only where one is required', () => {
    expect(checkReceipt(undefined, deployed, check).problems.map(formatProblem)).toEqual([
      "There is no receipt. require-receipt is true, and without one nothing shows that this release was evaluated. Write receipt: with the path of eval-gate's receipt.json, or require-receipt: false.",
    ])
    expect(checkReceipt(undefined, deployed, { ...check, require: false })).toEqual({ problems: [], warnings: [] })
  })

  test('names the part, both sides and what to do', () => {
    const release = { ...deployed, model: { id: 'claude-haiku-3', inConfig: true } }
    expect(checkReceipt(receipt, release, check).problems.map(formatProblem)).toEqual([
      'receipt: model: claude-sonnet-4-20250514 was evaluated, and claude-haiku-3 is deployed. Only what was evaluated, and passed, is deployed with this receipt. Deploy the model that was evaluated, or evaluate again with model set to the one that is deployed.',
    ])
  })

  test('refuses an unknown part as it refuses another one', () => {
    const silent = { ...receipt, evaluated: { ...receipt.evaluated, config: null } }
    const [problem] = checkReceipt(silent, deployed, check).problems
    expect(problem).toMatchObject({
      what: 'receipt: config: The receipt does not say with which configuration the agent was evaluated',
      mend: expect.stringContaining('agent-config: config/production.yaml'),
    })
  })

  test('only warns where no receipt is required', () => {
    const failed = { ...receipt, verdict: 'failed' as const }
    const { problems, warnings } = checkReceipt(failed, deployed, { ...check, require: false })
    expect(problems).toEqual([])
    expect(warnings.map(({ what }) => what)).toEqual([
      expect.stringContaining("verdict: The evaluation's verdict is failed"),
    ])
  })

  test('tells what a reader should know of a sound receipt', () => {
    const { evaluated, dataset, counts } = receipt
    const weak = {
      ...receipt,
      evidence: 'mixed' as const,
      counts: { ...counts, replayed: 3 },
      dataset: { ...dataset, evaluated: dataset.examples - 1 },
      evaluated: { ...evaluated, agent: { description: 'POST https://staging.example.com/', elsewhere: true } },
    }
    const { problems, warnings } = checkReceipt(weak, deployed, check)
    expect(problems).toEqual([])
    expect(warnings.map(({ what }) => what)).toEqual([
      'receipt: the agent was called at POST https://staging.example.com/',
      'receipt: 3 of 10 answers came from recordings',
      expect.stringMatching(/^receipt: \d+ of the \d+ examples of .* were evaluated$/),
    ])
  })
})
