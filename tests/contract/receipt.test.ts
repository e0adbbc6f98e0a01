import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { digestOf } from '@agent-ci/core/json'
import { receiptDigest, receiptSchema } from '@agent-ci/core/receipt'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { numberedExamples, runStep, Workspace } from './step.ts'

let workspace: Workspace
beforeEach(() => {
  workspace = new Workspace()
  workspace.write('golden.jsonl', numberedExamples(40))
})
afterEach(() => workspace.remove())

const WORKER = `
import { createInterface } from 'node:readline'
for await (const line of createInterface({ input: process.stdin })) {
  const { trial, input } = JSON.parse(line)
  console.log(JSON.stringify({ trial, output: input.replace('question', 'answer'), usage: { model: 'claude-haiku-3' } }))
}
`
const INPUTS = { agent: 'command:node agent.mjs', dataset: 'golden.jsonl', stop: 'never' }

const receipt = (path = 'agent-ci-results/receipt.json') => receiptSchema.parse(workspace.json(path))

test('a run leaves a receipt of what it evaluated, and says where', async () => {
  workspace.write('agent.mjs', WORKER)
  workspace.write('prompts/support.md', 'Be brief.')
  workspace.write('config/production.yaml', 'agent: {}')
  const image = `registry.example.com/agent@sha256:${'a'.repeat(64)}`
  const step = await runStep(
    'eval-gate',
    workspace,
    { ...INPUTS, 'agent-config': 'config/production.yaml', image },
    {
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'octo/agent',
      GITHUB_RUN_ID: '77',
      GITHUB_RUN_ATTEMPT: '2',
      GITHUB_SHA: '1'.repeat(40),
    },
  )
  expect(step.status).toBe(0)
  expect(step.outputs['receipt-path']).toBe(join('agent-ci-results', 'receipt.json'))
  expect(receipt()).toMatchObject({
    verdict: 'passed',
    exit_status: 0,
    evaluated: {
      code: null,
      image,
      config: { path: 'config/production.yaml', digest: digestOf('agent: {}') },
      prompts: { files: { 'prompts/support.md': digestOf('Be brief.') } },
      model: { requested: null, answered: ['claude-haiku-3'] },
      agent: { elsewhere: false },
    },
    dataset: { name: 'golden', examples: 40, evaluated: 40 },
    gates: [{ rule: 'accuracy >= 0.85', value: 1, verdict: 'passed' }],
    counts: { planned: 40, measured: 40, replayed: 0, errored: 0 },
    evidence: 'live',
    run: {
      repository: 'octo/agent',
      id: '77',
      attempt: '2',
      url: 'https://github.com/octo/agent/actions/runs/77',
      sha: '1'.repeat(40),
    },
  })
  expect(receipt().digest).toBe(receiptDigest(workspace.json('agent-ci-results/receipt.json') as never))
})

test('a run that measures nothing leaves none, and the output is empty', async () => {
  workspace.write('agent.mjs', 'process.exit(1)')
  const step = await runStep('eval-gate', workspace, INPUTS)
  expect(step.status).toBe(1)
  expect(step.outputs).toMatchObject({ verdict: 'errored', 'receipt-path': '' })
  expect(() => receipt()).toThrow(/ENOENT/)
})

test('an image that is no digest and a configuration that is not there are refused before the first call', async () => {
  workspace.write('agent.mjs', WORKER)
  const tagged = await runStep('eval-gate', workspace, { ...INPUTS, image: 'agent:latest' })
  expect(tagged.status).toBe(1)
  expect(tagged.log).toContain('Expected an image by its digest')
  const missing = await runStep('eval-gate', workspace, { ...INPUTS, 'agent-config': 'config/nowhere.yaml' })
  expect(missing.status).toBe(1)
  expect(missing.log).toContain('agent-config is "config/nowhere.yaml"')
})

test('agent-ci eval writes the same, with the globs of agent-ci.yaml', async () => {
  workspace.write('agent.mjs', WORKER)
  workspace.write('texts/support.md', 'Be brief.')
  workspace.write('texts/draft.md', 'Be.')
  workspace.write(
    'agent-ci.yaml',
    'version: 1\nagent: command:node agent.mjs\ndatasets: { golden: golden.jsonl }\ndelivery: { prompts: [texts/**, "!texts/draft.md"], agent_config: golden.jsonl }\n',
  )
  const cli = resolve(import.meta.dirname, '../../dist/cli/index.js')
  await promisify(execFile)(process.execPath, [cli, 'eval', '--output-dir', 'out'], { cwd: workspace.directory })
  expect(Object.keys(receipt('out/receipt.json').evaluated.prompts.files)).toEqual(['texts/support.md'])
  expect(receipt('out/receipt.json').evaluated.config?.path).toBe('golden.jsonl')
  expect(receipt('out/receipt.json').run).toBeNull()
})
