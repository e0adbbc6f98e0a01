import { chmodSync } from 'node:fs'
import { digestOf } from '@agent-ci/core/json'
import { RECEIPT_PREDICATE_TYPE, receiptStatementSchema } from '@agent-ci/core/receipt-statement'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { Sigstore } from '../integration/delivery/sigstore.ts'
import { numberedExamples, runStep, Workspace } from './step.ts'

const WORKER = `
import { createInterface } from 'node:readline'
for await (const line of createInterface({ input: process.stdin })) {
  const { trial, input } = JSON.parse(line)
  console.log(JSON.stringify({ trial, output: input.replace('question', 'answer') }))
}
`
const WORKFLOW = {
  repository: 'octo/agent',
  workflow: 'octo/agent/.github/workflows/evaluate.yml@refs/heads/main',
}
const DEPLOY = {
  traffic: 'command',
  'canary-command': './deploy.sh {weight}',
  'promote-command': './deploy.sh all',
  'rollback-command': './deploy.sh back',
  metrics: 'none',
  steps: '50,100',
  'step-duration': '200ms',
  version: '1.4.2',
  receipt: 'agent-ci-results',
  'output-dir': 'rollout',
}
const ATTESTED = { 'receipt-attestation': 'attestation.json', 'receipt-trusted-root': 'trusted-root.jsonl' }
const env = { GITHUB_REPOSITORY: 'octo/agent', GITHUB_SERVER_URL: 'https://github.com' }

let sigstore: Sigstore
let workspace: Workspace
beforeAll(async () => {
  sigstore = await Sigstore.start()
})
afterAll(() => sigstore?.stop())
beforeEach(async () => {
  workspace = new Workspace()
  workspace.write('golden.jsonl', numberedExamples(40))
  workspace.write('agent.mjs', WORKER)
  chmodSync(workspace.write('deploy.sh', '#!/bin/sh\necho "$@" >> calls.txt\n'), 0o755)
  workspace.write('trusted-root.jsonl', `${sigstore.trustedRoot}\n`)
  const evaluation = await runStep('eval-gate', workspace, { agent: 'command:node agent.mjs', dataset: 'golden.jsonl' })
  expect(evaluation.status).toBe(0)
})
afterEach(() => workspace.remove())

/** What actions/attest does with receipt.json as the predicate. */
async function attest(workflow = WORKFLOW): Promise<void> {
  const receipt = workspace.read('agent-ci-results/receipt.json')
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'receipt.json', digest: { sha256: digestOf(receipt).slice('sha256:'.length) } }],
    predicateType: RECEIPT_PREDICATE_TYPE,
    predicate: JSON.parse(receipt) as unknown,
  }
  workspace.write('attestation.json', await sigstore.sign(statement, workflow))
}

const calls = (): string[] => {
  try {
    return workspace.lines('calls.txt')
  } catch {
    return []
  }
}

test('eval-gate leaves its receipt as an in-toto statement too, about the file that it wrote', () => {
  const statement = receiptStatementSchema.parse(workspace.json('agent-ci-results/receipt.intoto.json'))
  const text = workspace.read('agent-ci-results/receipt.json')
  expect(statement.subject).toEqual([{ name: 'receipt.json', digest: { sha256: digestOf(text).slice(7) } }])
  expect(statement.predicate).toEqual(JSON.parse(text))
})

test('an attested receipt is taken, and the log says who signed', async () => {
  await attest()
  const step = await runStep('canary-deploy', workspace, { ...DEPLOY, ...ATTESTED, 'require-attestation': 'true' }, env)
  expect(step).toMatchObject({ status: 0, outputs: { outcome: 'promoted' } })
  expect(step.log).toContain(`The receipt was attested by https://github.com/${WORKFLOW.workflow}`)
})

test("another repository's attestation refuses the release before anything is touched", async () => {
  await attest({ ...WORKFLOW, repository: 'evil/agent' })
  const step = await runStep('canary-deploy', workspace, { ...DEPLOY, ...ATTESTED }, env)
  expect(step).toMatchObject({ status: 1, outputs: { outcome: 'refused' } })
  expect(step.log).toContain('for the repository https://github.com/evil/agent')
  expect(calls()).toEqual([])
})

test('a receipt that was edited after it was attested refuses the release', async () => {
  await attest()
  await runStep('eval-gate', workspace, { agent: 'command:node agent.mjs', dataset: 'golden.jsonl', resume: 'never' })
  const step = await runStep('canary-deploy', workspace, { ...DEPLOY, ...ATTESTED }, env)
  expect(step).toMatchObject({ status: 1, outputs: { outcome: 'refused' } })
  expect(step.log).toContain('it attests another receipt')
  expect(calls()).toEqual([])
})

test('without an attestation, require-attestation refuses the release', async () => {
  const step = await runStep('canary-deploy', workspace, { ...DEPLOY, 'require-attestation': 'true' }, env)
  expect(step).toMatchObject({ status: 1, outputs: { outcome: 'refused' } })
  expect(step.log).toContain('The receipt has no attestation')
  expect(calls()).toEqual([])
})

test('settings that cannot work are named together', async () => {
  const inputs = { ...DEPLOY, receipt: '', 'receipt-attestation': 'a.json', 'receipt-workflow': 'evaluate.yml' }
  const step = await runStep('canary-deploy', workspace, inputs, env)
  expect(step.status).toBe(1)
  for (const problem of ['and no receipt.', 'no receipt-trusted-root', 'receipt-workflow is "evaluate.yml"'])
    expect(step.log).toContain(problem)
})
