import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf } from '@agent-ci/core/json'
import { receiptDigest } from '@agent-ci/core/receipt'
import { receiptStatement } from '@agent-ci/core/receipt-statement'
import { type AttestationSettings, verifyAttestation } from '@agent-ci/delivery/releases/attestation'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { receipt } from '../../unit/core/receipts.ts'
import { Sigstore, type Workflow } from './sigstore.ts'

const MAIN: Workflow = {
  repository: 'octo/agent',
  workflow: 'octo/agent/.github/workflows/evaluate.yml@refs/heads/main',
}
const statement = receiptStatement(receipt, digestOf('the file'))

let directory: string
let sigstore: Sigstore
let githubs: Sigstore
let bundle: string
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'agent-ci-attestation-'))
  sigstore = await Sigstore.start()
  githubs = await Sigstore.start(false)
  put('roots.jsonl', `${githubs.trustedRoot}\n${sigstore.trustedRoot}\n`)
  bundle = await sigstore.sign(statement, MAIN)
})
afterAll(async () => {
  await sigstore?.stop()
  await githubs?.stop()
  rmSync(directory, { recursive: true, force: true })
})

const put = (path: string, text: string): void => writeFileSync(join(directory, path), text)

function verify(text: string, changes: Partial<AttestationSettings> = {}, of = receipt) {
  put('bundle.json', text)
  return verifyAttestation(
    of,
    { bundle: 'bundle.json', trustedRoot: 'roots.jsonl', repository: 'https://github.com/octo/agent', ...changes },
    directory,
  )
}

describe('an attested receipt', () => {
  test('holds, and says who signed', async () => {
    expect(await verify(bundle)).toEqual({ signer: `https://github.com/${MAIN.workflow}` })
  })

  test("holds by a time stamp where there are no public logs, as in GitHub's instance for private repositories", async () => {
    expect(await verify(await githubs.sign(statement, MAIN, 'time stamp'))).toMatchObject({
      signer: expect.stringContaining('octo/agent'),
    })
  })

  test('may be one of several bundles', async () => {
    const other = await sigstore.sign({ ...statement, predicateType: 'https://slsa.dev/provenance/v1' }, MAIN)
    expect(await verify(`${other}\n${bundle}\n`)).toMatchObject({ signer: expect.any(String) })
  })

  test.each(['octo/agent/.github/workflows/evaluate.yml', MAIN.workflow])('by the workflow %s', async (workflow) => {
    expect(await verify(bundle, { workflow })).toMatchObject({ signer: expect.any(String) })
  })
})

describe('an attestation is refused', () => {
  test.each<[string, () => Promise<string> | string, Partial<AttestationSettings>, RegExp]>([
    [
      'of another repository',
      () => sigstore.sign(statement, { ...MAIN, repository: 'evil/agent' }),
      {},
      /for the repository https:\/\/github\.com\/evil\/agent/,
    ],
    [
      'of a repository whose name only begins alike',
      () => sigstore.sign(statement, { ...MAIN, repository: 'octo/agent-fork' }),
      {},
      /octo\/agent-fork/,
    ],
    [
      'of another workflow',
      () => bundle,
      { workflow: 'octo/agent/.github/workflows/release.yml' },
      /it was signed by .*evaluate\.yml/,
    ],
    [
      'of another branch',
      () => bundle,
      { workflow: MAIN.workflow.replace('main', 'release') },
      /refs\/heads\/main, not by/,
    ],
    [
      'signed by a person',
      () => sigstore.sign(statement, { ...MAIN, issuer: 'https://accounts.google.com' }),
      {},
      /not signed by a workflow on GitHub/,
    ],
    [
      'with an issuer that only begins alike',
      () => sigstore.sign(statement, { ...MAIN, issuer: 'https://token.actions.githubusercontent.com.evil.example' }),
      {},
      /not signed by a workflow/,
    ],
    [
      'of another type',
      () => sigstore.sign({ ...statement, predicateType: 'https://slsa.dev/provenance/v1' }, MAIN),
      {},
      /no predicate of the type/,
    ],
    ['that is no bundle', () => '{"verdict":"passed"}', {}, /does not attest this receipt/],
    ['that is no JSON', () => 'passed', {}, /neither JSON/],
    ['with roots that are none', () => bundle, { trustedRoot: 'bundle.json' }, /does not attest this receipt/],
    ['without roots', () => bundle, { trustedRoot: 'nowhere' }, /gh attestation trusted-root/],
  ])('%s', async (_, made, changes, why) => {
    await expect(verify(await made(), changes)).rejects.toThrow(why)
  })

  test('of another receipt', async () => {
    const content = { ...receipt, reason: 'another run' }
    const other = { ...content, digest: receiptDigest(content) }
    await expect(verify(bundle, {}, other)).rejects.toThrow(/attests another receipt/)
  })

  test('whose payload was changed after it was signed', async () => {
    const changed = JSON.parse(bundle) as { dsseEnvelope: { payload: string } }
    const payload = JSON.stringify({ ...statement, predicate: { ...receipt, verdict: 'failed' } })
    changed.dsseEnvelope.payload = Buffer.from(payload).toString('base64')
    await expect(verify(JSON.stringify(changed))).rejects.toThrow(/does not attest this receipt/)
  })

  test('signed by an authority that nobody trusts', async () => {
    const stranger = await Sigstore.start()
    const forged = await stranger.sign(statement, MAIN)
    await stranger.stop()
    await expect(verify(forged)).rejects.toThrow(/does not attest this receipt/)
  })

  test('without a log entry, where the authority has public logs', async () => {
    const unlogged = await sigstore.sign(statement, MAIN, 'time stamp')
    await expect(verify(unlogged)).rejects.toThrow(/expected 1 tlog entries, got 0/)
  })

  test('does not let its text speak to the runner', async () => {
    const loud = { ...MAIN, repository: 'a/b\n::error::gotcha' }
    const error = await verify(await sigstore.sign(statement, loud)).catch(String)
    expect(error).toContain('gotcha')
    expect(error).not.toMatch(/^::/m)
  })
})

test('a statement is about the file and the image', () => {
  const image = `registry.example.com/agent@sha256:${'a'.repeat(64)}`
  const of = { ...receipt, evaluated: { ...receipt.evaluated, image } }
  expect(receiptStatement(of, digestOf('the file')).subject).toEqual([
    { name: 'registry.example.com/agent', digest: { sha256: 'a'.repeat(64) } },
    { name: 'receipt.json', digest: { sha256: digestOf('the file').slice(7) } },
  ])
})
